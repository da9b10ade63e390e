// 'ts' comes first in moduleFileExtensions so that a compiled lib/*.js left by a build is never tested in place of its source.
module.exports = {
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'json', 'node'],
  globalSetup: '<rootDir>/test/temporary-folder.cjs',
  setupFiles: ['<rootDir>/test/cdk-settings.cjs'],
  moduleNameMapper: { '^cdk-cluster-nodes$': '<rootDir>/lib/index.ts' },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/cdk.out/'],
  // unbash is an ECMAScript module, which Jest does not load as it is.
  transform: {
    '^.+\\.ts$|/node_modules/unbash/.+\\.js$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2023' }, module: { type: 'commonjs' } },
    ],
  },
  transformIgnorePatterns: ['/node_modules/(?!unbash/)'],
  // All cores: Jest leaves one free, which of two is half.
  maxWorkers: '100%',
  testTimeout: 60_000,
};
