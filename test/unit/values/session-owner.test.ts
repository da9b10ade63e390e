import { DesktopSessionTemplate, NodeOs, NodeOsFamily, NodeTags, NodeType } from '../../../lib';
import { fieldProblem } from '../../../lib/sessions/field-rules';
import { OWNER_NAMES } from '../../owner-names';
import { addNode, sampleCluster } from '../../sample-cluster';

const { LINUX, WINDOWS } = NodeOsFamily;

/** The names that somebody who decides before there is a node takes. */
const taken = (takes: (name: string) => boolean): string[] => OWNER_NAMES.map(({ name }) => name).filter(takes);

const namesOf = (...families: NodeOsFamily[]): string[] =>
  OWNER_NAMES.filter(({ takenBy }) => families.every((family) => takenBy.includes(family))).map(({ name }) => name);

/** As CloudFormation decides. */
function takenByTemplate(osFamily?: NodeOsFamily): string[] {
  const { Parameters } = new DesktopSessionTemplate({ osFamily }).toJson() as {
    Parameters: { SessionOwner: { AllowedPattern: string; MinLength: number; MaxLength: number } };
  };
  const { AllowedPattern, MinLength, MaxLength } = Parameters.SessionOwner;
  return taken((name) => name.length >= MinLength && name.length <= MaxLength && new RegExp(AllowedPattern).test(name));
}

test.each([
  ['Linux', LINUX, [LINUX]],
  ['Windows', WINDOWS, [WINDOWS]],
  ['a system that is not known', undefined, [LINUX, WINDOWS]],
])('for %s a request and the template of a session take the same names', (_, osFamily, families) => {
  expect(taken((name) => fieldProblem('owner', name, osFamily) === undefined)).toEqual(namesOf(...families));
  expect(takenByTemplate(osFamily)).toEqual(namesOf(...families));
});

test.each([
  [LINUX, NodeOs.UBUNTU_24_04],
  [WINDOWS, NodeOs.WINDOWS_2022],
])('a construct for %s takes the names that its node takes', (family, os) => {
  const node = addNode(sampleCluster().cluster, 'Desktop', { os, nodeType: NodeType.DCV_NODE });
  const takes = (name: string): boolean => {
    try {
      node.setLaunchTimeValue(NodeTags.SESSION_OWNER, name);
      return true;
    } catch (error) {
      expect(error).toMatchObject({ code: 'InvalidLaunchTimeValue', message: expect.stringContaining(`got '${name}'`) as string });
      return false;
    }
  };
  expect(taken(takes)).toEqual(namesOf(family));
});

test('what is said about a name fits into the tag with the reason of a failure', () => {
  for (const osFamily of [LINUX, WINDOWS]) {
    expect(fieldProblem('owner', 'x'.repeat(40), osFamily)!.length).toBeLessThan(256);
  }
});
