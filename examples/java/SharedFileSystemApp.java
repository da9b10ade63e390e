import io.github.cdkclusternodes.Cluster;
import io.github.cdkclusternodes.ClusterAttributes;
import io.github.cdkclusternodes.ClusterNode;
import io.github.cdkclusternodes.EfsFileSystemOptions;
import io.github.cdkclusternodes.ICluster;
import io.github.cdkclusternodes.NfsFileSystemOptions;
import io.github.cdkclusternodes.NodeOs;
import io.github.cdkclusternodes.NodeType;
import io.github.cdkclusternodes.SharedFileSystem;
import java.util.List;
import java.util.Map;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.RemovalPolicy;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.ec2.VpcAttributes;
import software.amazon.awscdk.services.efs.FileSystem;
import software.amazon.awscdk.services.ssm.StringParameter;

public class SharedFileSystemApp {
    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "Lab");
        Vpc vpc = new Vpc(stack, "Vpc");
        FileSystem apps = FileSystem.Builder.create(stack, "Apps")
                .vpc(vpc)
                .allowAnonymousAccess(true)
                // Keeps the data, but nothing of a first deployment that failed.
                .removalPolicy(RemovalPolicy.RETAIN_ON_UPDATE_OR_DELETE)
                .build();
        String licenceServer = StringParameter.valueForStringParameter(stack, "/lab/licence-server");
        Cluster cluster = Cluster.Builder.create(stack, "Cluster")
                .clusterId("lab")
                .vpc(vpc)
                .fileSystems(List.of(SharedFileSystem.efs(EfsFileSystemOptions.builder()
                        .fileSystem(apps)
                        .mountPath("/apps")
                        .timeout(Duration.minutes(15))
                        .build())))
                .waitForStacks(List.of("lab-licence-servers")) // nodes wait until these are complete
                .configuration(Map.of("/configuration/LicenceServer", licenceServer)) // a token: UserData carries it to templates that read it
                .build();
        ClusterNode.Builder.create(stack, "Node")
                .cluster(cluster)
                .os(NodeOs.AMAZON_LINUX_2023)
                .nodeType(NodeType.COMPUTE_NODE)
                .build();

        // The same cluster in another stack or app:
        Stack other = new Stack(app, "Other");
        ICluster same = Cluster.fromClusterAttributes(other, "Cluster", ClusterAttributes.builder()
                .clusterId("lab")
                .vpc(Vpc.fromVpcAttributes(other, "Vpc", VpcAttributes.builder()
                        .vpcId("vpc-11111111")
                        .availabilityZones(List.of("eu-west-1a"))
                        .privateSubnetIds(List.of("subnet-11111111"))
                        .build()))
                .fileSystems(List.of(SharedFileSystem.nfs(NfsFileSystemOptions.builder()
                        .server("files.example.com")
                        .mountPath("/apps")
                        .build())))
                .build());
        ClusterNode.Builder.create(other, "Node")
                .cluster(same)
                .os(NodeOs.AMAZON_LINUX_2023)
                .nodeType(NodeType.COMPUTE_NODE)
                .build();
        app.synth();
    }
}
