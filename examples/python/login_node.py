from aws_cdk import App, Stack, aws_ec2 as ec2, aws_secretsmanager as secretsmanager
from cdk_cluster_nodes import Cluster, LoginLoadBalancerOptions, LoginNode, NodeOs

app = App()
stack = Stack(app, "Lab")
cluster = Cluster(stack, "Cluster", cluster_id="lab", vpc=ec2.Vpc(stack, "Vpc"))

login = LoginNode(
    stack,
    "LoginNode",
    cluster=cluster,
    os=NodeOs.AMAZON_LINUX_2023,
    architecture=ec2.InstanceArchitecture.ARM_64,
    min_capacity=2,
    load_balancer=LoginLoadBalancerOptions(internet_facing=True, port=22),
    host_keys_secret=secretsmanager.Secret.from_secret_name_v2(stack, "HostKeys", "lab/ssh-host-keys"),
)
login.allow_ssh_from(ec2.Peer.ipv4("203.0.113.0/24"))
app.synth()
