/**
 * A file of a driver: one installer that a node fetches, and what it has to be.
 */
export interface GpuDriverFile {
  /** Version of the driver, such as `580.126.09`. Known at synth. */
  readonly version: string;

  /**
   * Address: `https://...`, or `s3://bucket/key`, which the node reads with its role. It may hold tokens behind `https://`
   * or `s3://`. The role gets the permission for the object. For the key of an encrypted bucket, and for a bucket of another account,
   * give it yourself: `bucket.grantRead(node)`.
   */
  readonly url: string;

  /** SHA-256 of the file, 64 hexadecimal digits. Known at synth. */
  readonly sha256: string;

  /**
   * Region of the bucket of an `s3://` address.
   *
   * @default - the Region of the node; us-east-1 for the buckets of AWS
   */
  readonly bucketRegion?: string;
}

/** What all drivers take. */
export interface GpuDriverOptions {
  /**
   * Families of instance types that this version of the library does not know yet and that the driver is for, such as `g9`.
   * Their combination with the system is not checked.
   *
   * @default - none
   */
  readonly families?: string[];
}

/** Options of NVIDIA's GRID driver. */
export interface NvidiaGridDriverOptions extends GpuDriverOptions {
  /**
   * Release of GRID (NVIDIA vGPU software), such as `19.4`. Known at synth.
   *
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/nvidia-GRID-driver.html
   */
  readonly release: string;

  /** Version of the driver of that release, such as `580.126.09`. Known at synth. */
  readonly version: string;

  /**
   * SHA-256 of the file, 64 hexadecimal digits. Nobody publishes it: fetch the file once, look at it, and take
   * `sha256sum`. Known at synth.
   */
  readonly sha256: string;

  /**
   * Its address: `https://...`, or `s3://bucket/key`, which the node reads with its role. On Linux a copy, for networks that do not
   * reach the bucket of AWS in us-east-1, and for partitions other than `aws`. On Windows it has to be given, since names of files
   * differ from release to release: `s3://ec2-windows-nvidia-drivers/grid-RELEASE/...exe`, or a copy.
   *
   * @default - on Linux s3://ec2-linux-nvidia-drivers/grid-RELEASE/NVIDIA-Linux-x86_64-VERSION-grid-aws.run
   */
  readonly url?: string;

  /**
   * Region of the bucket of `url`.
   *
   * @default - the Region of the node; us-east-1 for the buckets of AWS
   */
  readonly bucketRegion?: string;
}

/** Options of NVIDIA's data centre driver. */
export interface NvidiaDataCenterDriverOptions extends GpuDriverOptions {
  /**
   * Installer (`NVIDIA-Linux-*.run`) of another version than the library's.
   *
   * @default - 580.173.02 of NVIDIA's long-term branch
   */
  readonly file?: GpuDriverFile;
}

/** Options of NVIDIA's open driver. */
export interface NvidiaOpenDriverOptions extends GpuDriverOptions {
  /**
   * Branch on Ubuntu, such as `580`: that of `linux-modules-nvidia-BRANCH-server-open-aws`. Elsewhere the repository's newest.
   *
   * @default - 580
   */
  readonly branch?: string;
}

/** Options of AMD's driver. */
export interface AmdDriverOptions extends GpuDriverOptions {
  /**
   * On Linux the package `amdgpu-install` for the system, an rpm or a deb of https://repo.radeon.com/amdgpu-install: it brings the
   * addresses and keys of AMD's repositories. There is none that fits for long. On Windows the zip archive of the driver for its
   * version, of `s3://ec2-amd-windows-drivers`: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/install-amd-driver.html
   */
  readonly file: GpuDriverFile;
}

/**
 * Who drives the GPU of a node.
 *
 * Each is installed after the reboot of the first phase, for the kernel that runs then. A driver that does not load ends the
 * bootstrap with the reason.
 */
export class GpuDriver {
  /**
   * NVIDIA's GRID driver, for up to four displays of 4K, from the bucket of AWS: G3 to G7e on x86_64. The only one for parts of
   * a GPU (G6f, Gr6f). The node may read that one file, and no other of the bucket.
   *
   * @param options release, version and checksum, on Windows Server 2022 and 2025 release 20.2 without
   * @see https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/nvidia-GRID-driver.html
   */
  public static nvidiaGrid(options?: NvidiaGridDriverOptions): GpuDriver {
    if (options === undefined) return new GpuDriver('nvidia_grid', 'nvidia');
    const { release, version, sha256, families, bucketRegion } = options;
    const url = options.url ?? `s3://${GRID_BUCKET}/grid-${release}/NVIDIA-Linux-x86_64-${version}-grid-aws.run`;
    return new GpuDriver('nvidia_grid', 'nvidia', families, { version, url, sha256, bucketRegion }, release);
  }

  /**
   * NVIDIA's data centre driver (Tesla) by its own installer, for all GPUs of NVIDIA but parts of one.
   *
   * @param options another version than the library's
   * @see https://docs.nvidia.com/datacenter/tesla/
   */
  public static nvidiaDataCenter(options: NvidiaDataCenterDriverOptions = {}): GpuDriver {
    return new GpuDriver('nvidia_data_center', 'nvidia', options.families, options.file);
  }

  /**
   * NVIDIA's driver with open kernel modules, from a signed repository of packages: Ubuntu's own, that of Amazon Linux 2023
   * (`nvidia-release`), or NVIDIA's for RHEL and Rocky Linux. For GPUs of the Turing generation (2018) and later.
   *
   * @param options the branch
   * @see https://docs.aws.amazon.com/linux/al2023/ug/nvidia-drivers.html
   */
  public static nvidiaOpen(options: NvidiaOpenDriverOptions = {}): GpuDriver {
    return new GpuDriver('nvidia_open', 'nvidia', options.families, undefined, options.branch);
  }

  /**
   * AMD's driver for the Radeon Pro V520 of G4ad. There is none for Windows Server 2025. Nobody has tried a DCV session with it for this library.
   *
   * @param options the package
   */
  public static amd(options: AmdDriverOptions): GpuDriver {
    return new GpuDriver('amd', 'amd', options.families, options.file);
  }

  /** That of the image, if it has one that loads: without it the desktop is drawn in software. */
  public static ofImage(): GpuDriver {
    return new GpuDriver('image');
  }

  /** None: the desktop is drawn in software, whatever the image has. */
  public static none(): GpuDriver {
    return new GpuDriver('none');
  }

  private constructor(
    /** Name of the driver, the value of `/system/gpu/driver` in templates. */
    public readonly name: string,
    /** @internal */
    public readonly _vendor?: 'nvidia' | 'amd',
    /** @internal */
    public readonly _families: readonly string[] = [],
    /** @internal */
    public readonly _file?: GpuDriverFile,
    /** Release of GRID, or branch of the open driver. @internal */
    public readonly _release?: string,
  ) {}

  /** The same with a file of the library. @internal */
  public _with(file: GpuDriverFile, release: string): GpuDriver {
    return new GpuDriver(this.name, this._vendor, this._families, file, release);
  }

  /** Whether a node installs something for it. @internal */
  public get _isInstalled(): boolean {
    return this._vendor !== undefined;
  }
}

/** @internal */
export const GRID_BUCKET = 'ec2-linux-nvidia-drivers';
