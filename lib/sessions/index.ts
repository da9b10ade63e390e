export * from './desktop-connection';
export * from './desktop-session';
export * from './desktop-session-template';
export * from './desktop-sessions';
