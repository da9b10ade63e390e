#!/bin/bash
# build.sh base|desktop-base OUT SUITE APT_SOURCE | build.sh certificates OUT | build.sh machine OUT BASE rpm|deb|desktop CERTIFICATES | build.sh remove FOLDER
# Builds the parts of the lab's machine images. OUT appears only when it is complete. Runs in a mount namespace of its own,
# so that nothing stays mounted, however this ends.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)

build_base() {
  local out=$1 suite=$2 apt_source=$3
  # One tree holds the tools of both families; each machine image removes the other family's.
  local packages=(
    systemd systemd-sysv dbus udev cloud-init openssh-server sudo
    dnf rpm createrepo-c
    curl ca-certificates openssl iproute2 nftables isc-dhcp-client netbase procps kmod e2fsprogs gpg unzip zip
  )
  build_tree "$out" "$suite" "$apt_source" "${packages[@]}" "${@:4}"
}

# The base with what a desktop of Ubuntu is made of, as Debian has it, and with tools to look at it.
build_desktop_base() {
  build_base "$@" \
    gdm3 gnome-shell gnome-session gnome-terminal gnome-settings-daemon gnome-initial-setup mutter gjs \
    gnome-backgrounds webp-pixbuf-loader adwaita-icon-theme fonts-cantarell fonts-dejavu-core gnome-keyring libpam-gnome-keyring \
    xserver-xorg-core xserver-xorg-video-dummy xserver-xorg-input-libinput xvfb xauth x11-xserver-utils libgl1-mesa-dri \
    libpam-systemd dbus-user-session dbus-x11 polkitd accountsservice colord dconf-cli at-spi2-core ibus \
    x11-utils xdotool wmctrl imagemagick python3-pyatspi python3-gi libsecret-tools
}

# build_tree OUT SUITE APT_SOURCE PACKAGE...
build_tree() {
  local out=$1 suite=$2 apt_source=$3 include
  include=$(
    IFS=,
    echo "${*:4}"
  )
  mmdebstrap --quiet --variant=minbase --dpkgopt=force-unsafe-io \
    --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' \
    --include="$include" "$suite" "$out.part" "$apt_source"
  rm -rf "$out.part/var/cache/apt" "$out.part/var/lib/apt/lists"
  mkdir -p "$out.part/var/cache/apt/archives/partial" "$out.part/var/lib/apt/lists/partial"
  mv "$out.part" "$out"
}

build_certificates() {
  local out=$1
  mkdir -p "$out.part"
  (
    cd "$out.part"
    make_certificates authority server &&
      # What somebody has who poses as AWS: the same names, of an authority that no machine trusts.
      make_certificates stranger-authority stranger
  ) 2>"$out.log" || {
    cat "$out.log" >&2
    return 1
  }
  rm -f "$out.log"
  mv "$out.part" "$out"
}

# Joined by &&: the caller looks at the status, and then a shell does not stop at what fails.
make_certificates() {
  local authority=$1 server=$2
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 3650 -subj "/CN=boot lab $authority" \
    -keyout "$authority.key" -out "$authority.crt" &&
    openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj '/CN=boot lab services' -keyout "$server.key" -out "$server.csr" &&
    printf 'subjectAltName=%s' "$(paste -sd, "$here/host-names.txt" | sed -E 's/(^|,)/\1DNS:/g')" >extensions &&
    openssl x509 -req -in "$server.csr" -CA "$authority.crt" -CAkey "$authority.key" -CAcreateserial -days 3650 \
      -extfile extensions -out "$server.crt"
}

# An overlay layer over the base tree that makes it look like an Amazon machine image of one family.
build_machine() {
  local out=$1 base=$2 family=$3 certificates=$4
  mkdir -p "$out.part/layer" "$out.part/work" "$out.part/root"
  mount -t overlay overlay -o "lowerdir=$base,upperdir=$out.part/layer,workdir=$out.part/work" "$out.part/root"
  # Not as a condition: a shell does not stop at failures inside one.
  if [[ $family == desktop ]]; then
    dress "$out.part/root" deb "$certificates"
    dress_desktop "$out.part/root"
  else
    dress "$out.part/root" "$family" "$certificates"
  fi
  umount "$out.part/root"
  rm -rf "$out.part/work" "$out.part/root"
  mv "$out.part" "$out"
}

# in_tree ROOT COMMAND...: without the environment of this host, which may name folders that the tree does not have.
in_tree() {
  env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LC_ALL=C.UTF-8 chroot "$@"
}

dress() {
  local root=$1 family=$2 certificates=$3
  rm -f "$root/etc/resolv.conf" "$root/etc/os-release" "$root"/etc/apt/sources.list "$root"/etc/apt/sources.list.d/*
  cp -R --no-preserve=ownership "$here/machine/all/." "$root/"
  cp -R --no-preserve=ownership "$here/machine/$family/." "$root/"
  chmod 755 "$root/usr/sbin/mount.nfs"
  for type in nfs4 efs; do ln -sf mount.nfs "$root/usr/sbin/mount.$type"; done

  echo 'nameserver 10.99.0.10' >"$root/etc/resolv.conf"
  cp "$certificates/authority.crt" "$root/usr/local/share/ca-certificates/boot-lab.crt"
  in_tree "$root" update-ca-certificates >/dev/null
  openssl verify -no-CApath -CAfile "$root/etc/ssl/certs/ca-certificates.crt" "$certificates/server.crt" >/dev/null

  # The base tree was built in haste; from here on dpkg puts on disk what it notes as installed.
  rm -f "$root/etc/dpkg/dpkg.cfg.d/99mmdebstrap"

  # What a fresh instance does not have yet.
  : >"$root/etc/machine-id"
  rm -rf "$root/var/lib/cloud" "$root"/etc/ssh/ssh_host_*
  mkdir -p "$root/var/lib/lab"

  in_tree "$root" systemctl -q enable systemd-networkd.service systemd-networkd-wait-online.service
  # Nothing here that a machine of the lab needs, and each costs time or touches the host's devices.
  in_tree "$root" systemctl -q mask console-getty.service getty@.service apt-daily.timer apt-daily-upgrade.timer dpkg-db-backup.timer \
    e2scrub_all.timer e2scrub_reap.service fstrim.timer dnf-makecache.timer systemd-timesyncd.service systemd-resolved.service

  # Each daemon-reload runs all generators; those of features that a container lacks only cost time.
  find "$root/lib/systemd/system-generators" -type f ! -name 'systemd-fstab-generator' ! -name 'cloud-init-generator' -delete

  case $family in
    rpm)
      # The unit's name in this family; Debian's alias would point nowhere.
      rm -f "$root/etc/systemd/system/sshd.service" "$root/etc/systemd/system/multi-user.target.wants/ssh.service"
      mv "$root/lib/systemd/system/ssh.service" "$root/lib/systemd/system/sshd.service"
      sed -i '/^Alias=/d' "$root/lib/systemd/system/sshd.service"
      rm -f "$root/lib/systemd/system/ssh.socket" "$root/etc/init.d/ssh"
      in_tree "$root" systemctl -q enable sshd.service
      ln -sf dnf "$root/usr/bin/yum"
      rm -f "$root"/usr/bin/apt "$root"/usr/bin/apt-{get,cache,config,mark,key,cdrom} "$root"/usr/bin/dpkg "$root"/usr/bin/dpkg-*
      # Images of this family come without it: a package of the lab brings it.
      rm -f "$root/usr/sbin/nft" "$root/lib/systemd/system/nftables.service" "$root/etc/nftables.conf"
      # The database starts with what stands for the installed system, as a real image's does.
      in_tree "$root" rpm --initdb
      ;;
    deb)
      in_tree "$root" systemctl -q enable ssh.service
      rm -f "$root"/usr/bin/dnf "$root"/usr/bin/dnf-3 "$root"/usr/bin/yum "$root"/usr/bin/rpm "$root"/usr/bin/rpm*
      ;;
  esac
}

# The real desktop: the lab's repository has packages of the same names, with nothing in them.
dress_desktop() {
  local root=$1 installed
  cp -R --no-preserve=ownership "$here/desktop/." "$root/"
  installed=$(dpkg-query --admindir="$root/var/lib/dpkg" --show --showformat='${Package} ')
  printf 'Package: %s\nPin: origin packages.lab.test\nPin-Priority: -1\n' "$installed" >"$root/etc/apt/preferences.d/boot-lab"
  # Its name on Ubuntu. The link goes with the package that stands for the desktop, which makes it again.
  ln -sf custom.conf "$root/etc/gdm3/daemon.conf"
  rm "$root/etc/systemd/system/display-manager.service"
}

# Also what is still mounted below it. A mount point of another namespace goes with its folder.
remove() {
  local target
  while read -r _ target _; do
    if [[ $target == "$1"/* ]]; then umount --lazy "$target"; fi
  done < <(tac /proc/self/mounts)
  rm -rf --one-file-system "$1"
}

main() {
  local part=$1 out=$2
  shift
  if [[ $part == remove ]]; then
    remove "$out"
    return
  fi
  # Another run may have built it while this one waited for the lock.
  if [[ -e $out ]]; then return 0; fi
  remove "$out.part"
  case $part in
    base) build_base "$@" ;;
    desktop-base) build_desktop_base "$@" ;;
    certificates) build_certificates "$@" ;;
    machine) build_machine "$@" ;;
  esac
}

main "$@"
