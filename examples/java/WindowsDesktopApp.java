import io.github.cdkclusternodes.Cluster;
import io.github.cdkclusternodes.NodeOs;
import io.github.cdkclusternodes.RootVolumeOptions;
import io.github.cdkclusternodes.VirtualDesktopNode;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.iam.Role;

public class WindowsDesktopApp {
    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "Lab");
        Cluster cluster = Cluster.Builder.create(stack, "Cluster").clusterId("lab").vpc(new Vpc(stack, "Vpc")).build();

        VirtualDesktopNode windows = VirtualDesktopNode.Builder.create(stack, "WindowsDesktop")
                .cluster(cluster)
                .os(NodeOs.WINDOWS_2022)
                .rootVolume(RootVolumeOptions.builder().size(Size.gibibytes(100)).build())
                .hibernation(true)
                .build();
        windows.allowDcvFrom(Peer.ipv4("10.0.0.0/8"));
        // Each desktop makes a password for its owner. Who has this role may ask those of alice for it, and those of nobody else.
        windows.grantConnect(Role.fromRoleName(stack, "Alice", "alice"), "alice");
        windows.addSessionOutputs();
        app.synth();
    }
}
