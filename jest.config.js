// 'ts' comes first in moduleFileExtensions so that a compiled lib/*.js left by a build is never tested in place of its source.
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json', 'node'],
  globalSetup: '<rootDir>/test/temporary-folder.cjs',
  setupFiles: ['<rootDir>/test/without-template-validation.cjs'],
  moduleNameMapper: { '^cdk-cluster-nodes$': '<rootDir>/lib/index.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/cdk.out/'],
  transform: { '^.+\\.ts$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } }] },
  testTimeout: 60_000,
};
