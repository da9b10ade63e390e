import { nearestNames } from '../../../lib/templates/nearest-names';

const known = [
  '/configuration/ClusterId',
  '/configuration/Region',
  '/dcv/SessionName',
  '/dcv/SessionOwner',
  '/job/BaseOS',
  '/job/NodeType',
];

test.each([
  ['/configuration/ClusterID', ['/configuration/ClusterId']],
  ['/configuration/Regoin', ['/configuration/Region']],
  ['/job/NodeTyp', ['/job/NodeType']],
  ['/cluster/NodeType', ['/job/NodeType']],
  ['/dcv/SessionNamer', ['/dcv/SessionName', '/dcv/SessionOwner']],
  ['/something/else/altogether', []],
])('%s', (mistyped, expected) => {
  expect(nearestNames(mistyped, known)).toEqual(expected);
});

test('at most three, the nearest first', () => {
  expect(nearestNames('/a/key1', ['/a/key9', '/a/key12', '/a/key2', '/a/key3', '/a/kex1', '/b/key1'])).toHaveLength(3);
  expect(nearestNames('/a/key', ['/a/keyyy', '/a/keyy'])).toEqual(['/a/keyy', '/a/keyyy']);
});
