import { OperationError } from '../aws/operation-error';

/** An error of the layer that watches and starts builds of images. @internal */
export class ImageError extends OperationError {
  public override readonly name = 'ImageError';
}
