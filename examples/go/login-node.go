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

	login := clusternodes.NewLoginNode(stack, jsii.String("LoginNode"), &clusternodes.LoginNodeProps{
		Cluster:        cluster,
		Os:             clusternodes.NodeOs_AMAZON_LINUX_2023(),
		Architecture:   awsec2.InstanceArchitecture_ARM_64,
		MinCapacity:    jsii.Number(2),
		LoadBalancer:   &clusternodes.LoginLoadBalancerOptions{InternetFacing: jsii.Bool(true), Port: jsii.Number(22)},
		HostKeysSecret: awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("HostKeys"), jsii.String("lab/ssh-host-keys")),
	})
	login.AllowSshFrom(awsec2.Peer_Ipv4(jsii.String("203.0.113.0/24")))
	app.Synth(nil)
}
