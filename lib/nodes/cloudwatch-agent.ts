import type { SigningKey, VerifiedFile } from './verified-file';

/** What the CloudWatch agent does besides sending logs. */
export interface CloudWatchAgentOptions {
  /**
   * Send metrics of NVIDIA GPUs, each minute: `nvidia_smi_utilization_gpu`, `nvidia_smi_utilization_memory`,
   * `nvidia_smi_memory_used` and `nvidia_smi_memory_total`, in the namespace `CWAgent` with the dimensions `InstanceId`, `index`
   * and `name`. These are four custom metrics for each GPU, which CloudWatch bills by the hour. The role gets
   * `cloudwatch:PutMetricData` for this namespace. A node whose `nvidia-smi` does not answer sends logs alone, and its log says so.
   * The agent has none of them on Windows: there a task of the library sends the same.
   *
   * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch-Agent-NVIDIA-GPU.html
   * @default false
   */
  readonly gpuMetrics?: boolean;
}

/** The newest CloudWatch agent that AWS publishes. */
export interface SignedCloudWatchAgentOptions extends CloudWatchAgentOptions {
  /**
   * The key by which AWS signs it. Not on Windows, which goes by the certificates that it trusts.
   *
   * @default - the one with the fingerprint 9376 16F3 450B 7D80 6CBD 9725 D581 6730 3B78 9C72, fetched beside the agent
   */
  readonly signingKey?: SigningKey;
}

/**
 * The CloudWatch agent of a node with a log group: it sends logs of the DCV server and of cloud-init or EC2Launch there. A node that
 * has one also tells there what its bootstrap took, of which CloudWatch makes metrics in the namespace `ClusterNodes`, by step, with the
 * dimensions `ClusterId`, `NodeType`, `BaseOS` and `State`: about ten custom metrics, billed for the hours in which nodes boot.
 *
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/Install-CloudWatch-Agent.html
 */
export class CloudWatchAgent {
  /**
   * The package of Amazon Linux 2023, on other systems the newest that AWS publishes in a bucket of the Region, verified by its
   * signature, on Windows by that of its publisher. An agent that the image has stays.
   *
   * @param options by which key, and what it sends
   */
  public static signed(options: SignedCloudWatchAgentOptions = {}): CloudWatchAgent {
    return new CloudWatchAgent(undefined, options.signingKey, options.gpuMetrics);
  }

  /**
   * A package of your own, such as a copy in a network without a way to S3. An agent of another version is replaced.
   *
   * @param file the rpm, deb or msi package that AWS publishes
   * @param options what it sends
   */
  public static fromFile(file: VerifiedFile, options: CloudWatchAgentOptions = {}): CloudWatchAgent {
    return new CloudWatchAgent(file, undefined, options.gpuMetrics);
  }

  /** None. The logs of the bootstrap alone go to the log group, and no metrics of it. */
  public static none(): CloudWatchAgent {
    return new CloudWatchAgent(undefined, undefined, false, true);
  }

  private constructor(
    /** @internal */
    public readonly _file?: VerifiedFile,
    /** @internal */
    public readonly _signingKey?: SigningKey,
    /** @internal */
    public readonly _gpuMetrics = false,
    /** @internal */
    public readonly _isNone = false,
  ) {}
}
