export * from './node-image-status';
export * from './node-images';
