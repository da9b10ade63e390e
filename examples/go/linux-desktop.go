package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-cluster-nodes/cdk-cluster-nodes-go/clusternodes"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Lab"), nil)
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), nil)
	cluster := clusternodes.NewCluster(stack, jsii.String("Cluster"), &clusternodes.ClusterProps{
		ClusterId: jsii.String("lab"),
		Vpc:       vpc,
	})

	desktop := clusternodes.NewVirtualDesktopNode(stack, jsii.String("LinuxDesktop"), &clusternodes.VirtualDesktopNodeProps{
		Cluster:      cluster,
		Os:           clusternodes.NodeOs_UBUNTU_24_04(),
		InstanceType: awsec2.NewInstanceType(jsii.String("m7i.xlarge")),
		IdleTimeout:  awscdk.Duration_Hours(jsii.Number(2)),
		Packages:     jsii.Strings("tmux"),
	})
	desktop.AllowDcvFrom(awsec2.Peer_Ipv4(jsii.String("10.0.0.0/8")))
	desktop.AddSessionOutputs()
	app.Synth(nil)
}
