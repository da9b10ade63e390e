from aws_cdk import App, Duration, RemovalPolicy, Stack, aws_ec2 as ec2, aws_efs as efs, aws_ssm as ssm
from cdk_cluster_nodes import Cluster, ClusterNode, NodeOs, NodeType, SharedFileSystem

app = App()
stack = Stack(app, "Lab")
vpc = ec2.Vpc(stack, "Vpc")
apps = efs.FileSystem(
    stack,
    "Apps",
    vpc=vpc,
    allow_anonymous_access=True,
    removal_policy=RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE,  # keeps the data, but nothing of a first deployment that failed
)
licence_server = ssm.StringParameter.value_for_string_parameter(stack, "/lab/licence-server")
cluster = Cluster(
    stack,
    "Cluster",
    cluster_id="lab",
    vpc=vpc,
    file_systems=[SharedFileSystem.efs(file_system=apps, mount_path="/apps", timeout=Duration.minutes(15))],
    wait_for_stacks=["lab-licence-servers"],  # nodes wait until these are complete
    configuration={"/configuration/LicenceServer": licence_server},  # a token: UserData carries it to templates that read it
)
ClusterNode(stack, "Node", cluster=cluster, os=NodeOs.AMAZON_LINUX_2023, node_type=NodeType.COMPUTE_NODE)

# The same cluster in another stack or app:
other = Stack(app, "Other")
same = Cluster.from_cluster_attributes(
    other,
    "Cluster",
    cluster_id="lab",
    vpc=ec2.Vpc.from_vpc_attributes(
        other,
        "Vpc",
        vpc_id="vpc-11111111",
        availability_zones=["eu-west-1a"],
        private_subnet_ids=["subnet-11111111"],
    ),
    file_systems=[SharedFileSystem.nfs(server="files.example.com", mount_path="/apps")],
)
ClusterNode(other, "Node", cluster=same, os=NodeOs.AMAZON_LINUX_2023, node_type=NodeType.COMPUTE_NODE)
app.synth()
