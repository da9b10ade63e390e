import io.github.cdkclusternodes.Cluster;
import io.github.cdkclusternodes.LoginMethod;
import io.github.cdkclusternodes.NodeOs;
import io.github.cdkclusternodes.RootVolumeOptions;
import io.github.cdkclusternodes.VirtualDesktopNode;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Size;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.secretsmanager.Secret;

public class WindowsDesktopApp {
    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "Lab");
        Cluster cluster = Cluster.Builder.create(stack, "Cluster").clusterId("lab").vpc(new Vpc(stack, "Vpc")).build();

        Secret password = new Secret(stack, "AlicePassword");
        VirtualDesktopNode windows = VirtualDesktopNode.Builder.create(stack, "WindowsDesktop")
                .cluster(cluster)
                .os(NodeOs.WINDOWS_2022)
                .rootVolume(RootVolumeOptions.builder().size(Size.gibibytes(100)).build())
                .hibernation(true)
                .sessionOwner("alice") // all desktops of this node are hers: the secret is her password
                .loginWith(LoginMethod.secret(password)) // fetched by the node at the moment of use; only its ARN travels
                .build();
        windows.allowDcvFrom(Peer.ipv4("10.0.0.0/8"));
        app.synth();
    }
}
