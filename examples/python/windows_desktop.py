from aws_cdk import App, Size, Stack, aws_ec2 as ec2, aws_secretsmanager as secretsmanager
from cdk_cluster_nodes import Cluster, LoginMethod, NodeOs, RootVolumeOptions, VirtualDesktopNode

app = App()
stack = Stack(app, "Lab")
cluster = Cluster(stack, "Cluster", cluster_id="lab", vpc=ec2.Vpc(stack, "Vpc"))

password = secretsmanager.Secret(stack, "AlicePassword")
windows = VirtualDesktopNode(
    stack,
    "WindowsDesktop",
    cluster=cluster,
    os=NodeOs.WINDOWS_2022,
    root_volume=RootVolumeOptions(size=Size.gibibytes(100)),
    hibernation=True,
    session_owner="alice",  # all desktops of this node are hers: the secret is her password
    login_with=LoginMethod.secret(password),  # fetched by the node at the moment of use; only its ARN travels
)
windows.allow_dcv_from(ec2.Peer.ipv4("10.0.0.0/8"))
app.synth()
