import io.github.cdkclusternodes.Cluster;
import io.github.cdkclusternodes.LoginLoadBalancerOptions;
import io.github.cdkclusternodes.LoginNode;
import io.github.cdkclusternodes.NodeOs;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.InstanceArchitecture;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.secretsmanager.Secret;

public class LoginNodeApp {
    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "Lab");
        Cluster cluster = Cluster.Builder.create(stack, "Cluster").clusterId("lab").vpc(new Vpc(stack, "Vpc")).build();

        LoginNode login = LoginNode.Builder.create(stack, "LoginNode")
                .cluster(cluster)
                .os(NodeOs.AMAZON_LINUX_2023)
                .architecture(InstanceArchitecture.ARM_64)
                .minCapacity(2)
                .loadBalancer(LoginLoadBalancerOptions.builder().internetFacing(true).port(22).build())
                .hostKeysSecret(Secret.fromSecretNameV2(stack, "HostKeys", "lab/ssh-host-keys"))
                .build();
        login.allowSshFrom(Peer.ipv4("203.0.113.0/24"));
        app.synth();
    }
}
