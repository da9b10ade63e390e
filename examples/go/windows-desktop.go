package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
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

	windows := clusternodes.NewVirtualDesktopNode(stack, jsii.String("WindowsDesktop"), &clusternodes.VirtualDesktopNodeProps{
		Cluster:     cluster,
		Os:          clusternodes.NodeOs_WINDOWS_2022(),
		RootVolume:  &clusternodes.RootVolumeOptions{Size: awscdk.Size_Gibibytes(jsii.Number(100))},
		Hibernation: jsii.Bool(true),
	})
	windows.AllowDcvFrom(awsec2.Peer_Ipv4(jsii.String("10.0.0.0/8")))
	// Each desktop makes a password for its owner. Who has this role may ask those of alice for it, and those of nobody else.
	alice := awsiam.Role_FromRoleName(stack, jsii.String("Alice"), jsii.String("alice"), nil)
	windows.GrantConnect(alice, jsii.String("alice"))
	windows.AddSessionOutputs()
	app.Synth(nil)
}
