import io.github.cdkclusternodes.Cluster;
import io.github.cdkclusternodes.ImageSchedule;
import io.github.cdkclusternodes.NodeImage;
import io.github.cdkclusternodes.NodeOs;
import io.github.cdkclusternodes.VirtualDesktopNode;
import software.amazon.awscdk.App;
import software.amazon.awscdk.Stack;
import software.amazon.awscdk.services.ec2.Peer;
import software.amazon.awscdk.services.ec2.Vpc;
import software.amazon.awscdk.services.events.CronOptions;
import software.amazon.awscdk.services.events.Schedule;

public class NodeImageApp {
    public static void main(String[] args) {
        App app = new App();
        Stack stack = new Stack(app, "Lab");
        Cluster cluster = Cluster.Builder.create(stack, "Cluster").clusterId("lab").vpc(new Vpc(stack, "Vpc")).build();

        VirtualDesktopNode desktop = VirtualDesktopNode.Builder.create(stack, "LinuxDesktop")
                .cluster(cluster)
                .os(NodeOs.UBUNTU_24_04)
                .build();
        // The desktop launches from the image; built after a deployment that changes it, and for updates on the first of each month.
        NodeImage.Builder.create(stack, "LinuxImage")
                .node(desktop)
                .schedule(ImageSchedule.builder()
                        .expression(Schedule.cron(CronOptions.builder().day("1").hour("3").minute("0").build()))
                        .timezone("Europe/Berlin")
                        .build())
                .build();
        desktop.allowDcvFrom(Peer.ipv4("10.0.0.0/8"));
        desktop.addSessionOutputs();
        app.synth();
    }
}
