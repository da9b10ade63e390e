package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/cdk-cluster-nodes/cdk-cluster-nodes-go/clusternodes"
)

func main() {
	defer jsii.Close()
	app := awscdk.NewApp(nil)
	stack := awscdk.NewStack(app, jsii.String("Lab"), nil)
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), nil)
	apps := awsefs.NewFileSystem(stack, jsii.String("Apps"), &awsefs.FileSystemProps{
		Vpc:                  vpc,
		AllowAnonymousAccess: jsii.Bool(true),
		RemovalPolicy:        awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE, // keeps the data, but nothing of a first deployment that failed
	})
	licenceServer := awsssm.StringParameter_ValueForStringParameter(stack, jsii.String("/lab/licence-server"), nil)
	cluster := clusternodes.NewCluster(stack, jsii.String("Cluster"), &clusternodes.ClusterProps{
		ClusterId: jsii.String("lab"),
		Vpc:       vpc,
		FileSystems: &[]clusternodes.SharedFileSystem{
			clusternodes.SharedFileSystem_Efs(&clusternodes.EfsFileSystemOptions{
				FileSystem: apps,
				MountPath:  jsii.String("/apps"),
				Timeout:    awscdk.Duration_Minutes(jsii.Number(15)),
			}),
		},
		WaitForStacks: jsii.Strings("lab-licence-servers"),                                    // nodes wait until these are complete
		Configuration: &map[string]interface{}{"/configuration/LicenceServer": licenceServer}, // a token: UserData carries it to templates that read it
	})
	clusternodes.NewClusterNode(stack, jsii.String("Node"), &clusternodes.ClusterNodeProps{
		Cluster:  cluster,
		Os:       clusternodes.NodeOs_AMAZON_LINUX_2023(),
		NodeType: clusternodes.NodeType_COMPUTE_NODE,
	})

	// The same cluster in another stack or app:
	other := awscdk.NewStack(app, jsii.String("Other"), nil)
	same := clusternodes.Cluster_FromClusterAttributes(other, jsii.String("Cluster"), &clusternodes.ClusterAttributes{
		ClusterId: jsii.String("lab"),
		Vpc: awsec2.Vpc_FromVpcAttributes(other, jsii.String("Vpc"), &awsec2.VpcAttributes{
			VpcId:             jsii.String("vpc-11111111"),
			AvailabilityZones: jsii.Strings("eu-west-1a"),
			PrivateSubnetIds:  jsii.Strings("subnet-11111111"),
		}),
		FileSystems: &[]clusternodes.SharedFileSystem{
			clusternodes.SharedFileSystem_Nfs(&clusternodes.NfsFileSystemOptions{
				Server:    jsii.String("files.example.com"),
				MountPath: jsii.String("/apps"),
			}),
		},
	})
	clusternodes.NewClusterNode(other, jsii.String("Node"), &clusternodes.ClusterNodeProps{
		Cluster:  same,
		Os:       clusternodes.NodeOs_AMAZON_LINUX_2023(),
		NodeType: clusternodes.NodeType_COMPUTE_NODE,
	})
	app.Synth(nil)
}
