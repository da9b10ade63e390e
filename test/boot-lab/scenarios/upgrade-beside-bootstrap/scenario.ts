import { DEB_DESKTOP, DEB_LOGIN, scenario } from '../../scenario';

/** What needrestart does after an upgrade by somebody else, for the services that the bootstrap runs in: they run with old libraries. */
const NEEDRESTART = `
exit 0 if $ENV{NEEDRESTART_SUSPEND};
our %nrconf;
for my $file (sort glob("/etc/needrestart/conf.d/*.conf")) {
  open(my $handle, "<", $file) or die;
  local $/;
  eval <$handle>;
  die $@ if $@;
}
unit: for my $unit ("cloud-final.service", "cluster-node.service") {
  next if system("systemctl", "--quiet", "is-active", $unit) != 0 && \`systemctl is-active $unit\` !~ /^activating/;
  for my $pattern (keys %{$nrconf{override_rc}}) {
    next unit if $unit =~ /$pattern/ && !$nrconf{override_rc}{$pattern};
  }
  system("systemctl", "restart", $unit);
}
`;

export default scenario({
  summary:
    'somebody else upgrades a package beside the bootstrap, and needrestart looks for what to restart: the bootstrap goes on, in both boots',
  runsOn: [DEB_DESKTOP, DEB_LOGIN],
  input: { node: () => ({ packages: ['linux-firmware'] }) },
  verdict: 'ready',
  withinSeconds: 150,
  play: async ({ machine }) => {
    machine.write('/etc/apt/apt.conf.d/99needrestart', 'DPkg::Post-Invoke {"perl /usr/local/lib/lab-needrestart"; };\n');
    machine.write('/usr/local/lib/lab-needrestart', NEEDRESTART);
    await machine.run();
  },
  expect: (seen, check) => {
    check.matches(seen.order, /^setup@2 setup_post_reboot@2 \w+@2 setup_user_customization@2$/, 'phases');
    check.equal((seen.machine.read('/var/lib/lab/upgraded') ?? '').trim(), '0', 'status of the upgrade');
  },
});
