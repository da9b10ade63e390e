import { fieldProblem, fieldRule } from '../../../lib/sessions/field-rules';
import { randomSessionId, sessionIdOfKey } from '../../../lib/sessions/session-id';

test('random ids are session ids, begin with a letter, differ and use all characters', () => {
  const ids = Array.from({ length: 2000 }, randomSessionId);
  for (const id of ids) expect(id).toMatch(/^[a-z][a-z0-9]{11}$/);
  expect(fieldProblem('sessionId', ids[0])).toBeUndefined();
  expect(new Set(ids).size).toBe(ids.length);
  expect(new Set(ids.join('')).size).toBe(36);
});

test('the id of a key depends on cluster, owner and key and on nothing else', () => {
  const id = sessionIdOfKey('demo', 'alice', 'ticket-4711');
  expect(id).toMatch(/^[a-z][a-z0-9]{11}$/);
  expect(sessionIdOfKey('demo', 'alice', 'ticket-4711')).toBe(id);
  const others = [
    sessionIdOfKey('demo2', 'alice', 'ticket-4711'),
    sessionIdOfKey('demo', 'bob', 'ticket-4711'),
    sessionIdOfKey('demo', 'alice', 'ticket-4712'),
  ];
  expect(new Set([id, ...others]).size).toBe(4);
});

test('cluster, owner and key cannot run into one another', () => {
  expect(sessionIdOfKey('demo', 'alice', 'xy')).not.toBe(sessionIdOfKey('demo', 'alicex', 'y'));
});

test('the longest stack name is within the 128 characters of CloudFormation', () => {
  expect(fieldRule('clusterId').maxLength + '-desktop-'.length + fieldRule('sessionId').maxLength).toBeLessThanOrEqual(128);
  expect(fieldRule('stackNamePrefix').maxLength + fieldRule('sessionId').maxLength).toBeLessThanOrEqual(128);
});
