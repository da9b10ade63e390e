from aws_cdk import App, Duration, Stack, aws_ec2 as ec2
from cdk_cluster_nodes import Cluster, NodeOs, VirtualDesktopNode

app = App()
stack = Stack(app, "Lab")
vpc = ec2.Vpc(stack, "Vpc")
cluster = Cluster(stack, "Cluster", cluster_id="lab", vpc=vpc)

desktop = VirtualDesktopNode(
    stack,
    "LinuxDesktop",
    cluster=cluster,
    os=NodeOs.UBUNTU_24_04,
    instance_type=ec2.InstanceType("m7i.xlarge"),
    idle_timeout=Duration.hours(2),
    packages=["tmux"],
)
desktop.allow_dcv_from(ec2.Peer.ipv4("10.0.0.0/8"))
desktop.add_session_outputs()
app.synth()
