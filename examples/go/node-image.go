package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-cluster-nodes/cdk-cluster-nodes-go/clusternodes"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Lab"), nil)
	cluster := clusternodes.NewCluster(stack, jsii.String("Cluster"), &clusternodes.ClusterProps{
		ClusterId: jsii.String("lab"),
		Vpc:       awsec2.NewVpc(stack, jsii.String("Vpc"), nil),
	})

	desktop := clusternodes.NewVirtualDesktopNode(stack, jsii.String("LinuxDesktop"), &clusternodes.VirtualDesktopNodeProps{
		Cluster: cluster,
		Os:      clusternodes.NodeOs_UBUNTU_24_04(),
	})
	// The desktop launches from the image; built after a deployment that changes it, and for updates on the first of each month.
	clusternodes.NewNodeImage(stack, jsii.String("LinuxImage"), &clusternodes.NodeImageProps{
		Node: desktop,
		Schedule: &clusternodes.ImageSchedule{
			Expression: awsevents.Schedule_Cron(&awsevents.CronOptions{Day: jsii.String("1"), Hour: jsii.String("3"), Minute: jsii.String("0")}),
			Timezone:   jsii.String("Europe/Berlin"),
		},
	})
	desktop.AllowDcvFrom(awsec2.Peer_Ipv4(jsii.String("10.0.0.0/8")))
	desktop.AddSessionOutputs()
	app.Synth(nil)
}
