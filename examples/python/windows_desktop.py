from aws_cdk import App, Size, Stack, aws_ec2 as ec2, aws_iam as iam
from cdk_cluster_nodes import Cluster, NodeOs, RootVolumeOptions, VirtualDesktopNode

app = App()
stack = Stack(app, "Lab")
cluster = Cluster(stack, "Cluster", cluster_id="lab", vpc=ec2.Vpc(stack, "Vpc"))

windows = VirtualDesktopNode(
    stack,
    "WindowsDesktop",
    cluster=cluster,
    os=NodeOs.WINDOWS_2022,
    root_volume=RootVolumeOptions(size=Size.gibibytes(100)),
    hibernation=True,
)
windows.allow_dcv_from(ec2.Peer.ipv4("10.0.0.0/8"))
# Each desktop makes a password for its owner. Who has this role may ask those of alice for it, and those of nobody else.
windows.grant_connect(iam.Role.from_role_name(stack, "Alice", "alice"), "alice")
windows.add_session_outputs()
app.synth()
