package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
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

	password := awssecretsmanager.NewSecret(stack, jsii.String("AlicePassword"), nil)
	windows := clusternodes.NewVirtualDesktopNode(stack, jsii.String("WindowsDesktop"), &clusternodes.VirtualDesktopNodeProps{
		Cluster:      cluster,
		Os:           clusternodes.NodeOs_WINDOWS_2022(),
		RootVolume:   &clusternodes.RootVolumeOptions{Size: awscdk.Size_Gibibytes(jsii.Number(100))},
		Hibernation:  jsii.Bool(true),
		SessionOwner: jsii.String("alice"),                      // all desktops of this node are hers: the secret is her password
		LoginWith:    clusternodes.LoginMethod_Secret(password), // fetched by the node at the moment of use; only its ARN travels
	})
	windows.AllowDcvFrom(awsec2.Peer_Ipv4(jsii.String("10.0.0.0/8")))
	app.Synth(nil)
}
