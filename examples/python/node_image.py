from aws_cdk import App, Stack, aws_ec2 as ec2, aws_events as events
from cdk_cluster_nodes import Cluster, ImageSchedule, NodeImage, NodeOs, VirtualDesktopNode

app = App()
stack = Stack(app, "Lab")
cluster = Cluster(stack, "Cluster", cluster_id="lab", vpc=ec2.Vpc(stack, "Vpc"))

desktop = VirtualDesktopNode(stack, "LinuxDesktop", cluster=cluster, os=NodeOs.UBUNTU_24_04)
# The desktop launches from the image; built after a deployment that changes it, and for updates on the first of each month.
NodeImage(
    stack,
    "LinuxImage",
    node=desktop,
    schedule=ImageSchedule(expression=events.Schedule.cron(day="1", hour="3", minute="0"), timezone="Europe/Berlin"),
)
desktop.allow_dcv_from(ec2.Peer.ipv4("10.0.0.0/8"))
desktop.add_session_outputs()
app.synth()
