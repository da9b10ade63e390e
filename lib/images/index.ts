export { NodeImage } from './node-image';
export { ImageBuildStart, type ImageFastLaunch, type ImageSchedule, type NodeImageProps } from './node-image-props';
export * from './node-image-status';
export * from './node-images';
