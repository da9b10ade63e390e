import io.github.cdkclusternodes.Cluster;
import io.github.cdkclusternodes.NodeOs;
import io.github.cdkclusternodes.VirtualDesktopNode;
import java.util.List;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Duration;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.InstanceType;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Vpc;

public class LinuxDesktopApp {
    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "Lab");
        Vpc vpc = new Vpc(stack, "Vpc");
        Cluster cluster = Cluster.Builder.create(stack, "Cluster").clusterId("lab").vpc(vpc).build();

        VirtualDesktopNode desktop = VirtualDesktopNode.Builder.create(stack, "LinuxDesktop")
                .cluster(cluster)
                .os(NodeOs.UBUNTU_24_04)
                .instanceType(new InstanceType("m7i.xlarge"))
                .idleTimeout(Duration.hours(2))
                .packages(List.of("tmux"))
                .build();
        desktop.allowDcvFrom(Peer.ipv4("10.0.0.0/8"));
        desktop.addSessionOutputs();
        app.synth();
    }
}
