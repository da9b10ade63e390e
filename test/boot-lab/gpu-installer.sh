#!/bin/sh
# Stand-in of NVIDIA's installer: the driver is loaded from the next boot on. What goes wrong stands in a file of the machine.
set -eu
case " $* " in
  *' --silent '*' --skip-module-load '*) ;;
  *)
    echo "it would ask, or load the module beside nouveau: $*" >&2
    exit 1
    ;;
esac
fault=none
if [ -e /var/lib/lab/gpu-fault ]; then
  fault="$(cat /var/lib/lab/gpu-fault)"
fi
if [ "$fault" = fails ]; then
  printf 'nvidia-installer log file\nERROR: Unable to load the kernel module nvidia.ko.\nERROR: Installation has failed.\n' >/var/log/nvidia-installer.log
  exit 1
fi
for command in nvidia-smi nvidia-gridd; do
  printf '#!/bin/sh\n[ -e /sys/module/nvidia ]\n' >/usr/bin/$command
  chmod 0755 /usr/bin/$command
done
if [ "$fault" != not-loaded ]; then
  mkdir -p /var/lib/lab
  echo 580.126.09 >/var/lib/lab/nvidia-version
fi
