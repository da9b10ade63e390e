"""moto's server on a loopback port of its own, and what a deployment needs that moto 5.2.5 lacks.

Writes its address on the first line. Answers each line of standard input, a call of boto3 as JSON, with a line of JSON, and
ends with standard input: it never outlives the test.
"""

import base64
import json
import sys

import boto3
from moto.autoscaling.models import FakeAutoScalingGroup
from moto.cloudformation import models as cloudformation
from moto.cloudformation import responses as cloudformation_responses
from moto.cloudformation.custom_model import CustomModel
from moto.cloudformation.parsing import ResourceMap
from moto.ec2.models import ec2_backends
from moto.ec2.models.instances import Instance
from moto.ec2.models.route_tables import RouteTable
from moto.moto_server.threaded_moto_server import ThreadedMotoServer
from moto.ssm.models import Parameter, ParameterDict
from moto.core.utils import utcnow

PUBLIC_IMAGES = {
    "/aws/service/canonical/ubuntu/server/24.04/stable/current/amd64/hvm/ebs-gp3/ami-id": "ami-0000000000000u2404",
    "/aws/service/ami-windows-latest/Windows_Server-2022-English-Full-Base": "ami-0000000000000w2022",
}


def public_images():
    """Public parameters that moto does not know, and nobody but their vendors can put."""
    known = ParameterDict._check_loading_status

    def check(self, key):
        known(self, key)
        if key in PUBLIC_IMAGES and not dict.get(self, key):
            dict.__setitem__(
                self,
                key,
                [Parameter(self.account_id, key, PUBLIC_IMAGES[key], "String", None, None, None, utcnow(), 1, "aws:ec2:image")],
            )

    ParameterDict._check_loading_status = check


def templates_by_path():
    """moto reads a template by the address of its bucket's own host, the CDK uploads it to an address with the bucket in its path."""
    known = cloudformation_responses.get_stack_from_s3_url

    def get(template_url, **kwargs):
        return known(template_url.replace("127.0.0.1", "localhost"), **kwargs)

    cloudformation_responses.get_stack_from_s3_url = get


def custom_resources():
    """A Lambda function would run in Docker. Here its resource is there as soon as it is asked for."""

    def create(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        resource = CustomModel(region_name, "", kwargs["LogicalId"], resource_name)
        resource.set_data({})
        return resource

    CustomModel.create_from_cloudformation_json = classmethod(create)


def updates_reach_what_refers():
    """CloudFormation also updates what has an attribute of a resource that it has changed: a group has a template's version."""
    known = ResourceMap.build_resource_diff

    def diff(self, template, parameters=None):
        found = known(self, template, parameters)
        for name, resource in template["Resources"].items():
            changed = any(f'"Fn::GetAtt": ["{other}", "LatestVersionNumber"]' in json.dumps(resource) for other in found["Modify"])
            if changed and name not in found["Add"] + found["Modify"]:
                found["Modify"].append(name)
        return found

    ResourceMap.build_resource_diff = diff


def previous_values_of_defaults():
    """A parameter that had its default can be updated with its previous value: that of the parameter in SSM, once more."""
    known = cloudformation.CloudFormationBackend._resolve_update_parameters

    def resolve(self, instance, incoming_params):
        defaults = {name: parameter.get("Default") for name, parameter in instance.template_dict["Parameters"].items()}
        instance.parameters = instance.resource_map.input_parameters = {**defaults, **instance.parameters}
        return known(self, instance=instance, incoming_params=incoming_params)

    cloudformation.CloudFormationBackend._resolve_update_parameters = resolve


def deletions():
    """What moto leaves behind when a stack goes."""
    RouteTable.delete = lambda self, account, region: ec2_backends[account][region].delete_route_table(self.id)


def instances_of_launch_templates():
    """An instance takes from its launch template what is not said, and is complete when it was signalled."""
    known = Instance.create_from_cloudformation_json.__func__

    def create(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs):
        properties = cloudformation_json["Properties"]
        asked = properties.get("LaunchTemplate")
        if asked is None:
            return known(cls, resource_name, cloudformation_json, account_id, region_name, **kwargs)
        backend = ec2_backends[account_id][region_name]
        instance = backend.run_instances(
            image_id=None,
            count=1,
            user_data=None,
            security_group_names=[],
            launch_template=asked,
            instance_type=properties.get("InstanceType"),
            is_instance_type_default="InstanceType" not in properties,
            subnet_id=properties["SubnetId"],
        ).instances[0]
        # AWS::NoValue leaves None in a list.
        for tag in filter(None, properties.get("Tags", [])):
            instance.add_tag(tag["Key"], tag["Value"])
        instance.signalled = False
        stack = cloudformation.cloudformation_backends[account_id][region_name].get_stack(kwargs["StackId"])
        stack.events.append(event(stack, kwargs["LogicalId"], instance, "CREATE_IN_PROGRESS"))
        return instance

    def event(stack, logical_id, instance, status):
        return cloudformation.Event(
            stack.stack_id, stack.name, logical_id, instance.id, "AWS::EC2::Instance", status, None, None
        )

    def signal_resource(self):
        assert self._get_param("Status") == "SUCCESS", "a failure is not rolled back here"
        stack = self.cloudformation_backend.get_stack(self._get_param("StackName"))
        logical_id = self._get_param("LogicalResourceId")
        instance = stack.resource_map[logical_id]
        assert instance.id == self._get_param("UniqueId")
        instance.signalled = True
        stack.events.append(event(stack, logical_id, instance, "CREATE_COMPLETE"))
        stack.verify_readiness()
        return cloudformation_responses.EmptyResult()

    Instance.create_from_cloudformation_json = classmethod(create)
    Instance.is_created = lambda self: getattr(self, "signalled", True)
    cloudformation_responses.CloudFormationResponse.signal_resource = signal_resource


def main():
    public_images()
    templates_by_path()
    custom_resources()
    previous_values_of_defaults()
    updates_reach_what_refers()
    deletions()
    instances_of_launch_templates()
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    address = "http://{}:{}".format(*server.get_host_and_port())
    print(address, flush=True)
    for line in sys.stdin:
        call = json.loads(line)
        client = boto3.client(call["service"], endpoint_url=address)
        try:
            answer = {"answer": getattr(client, call["operation"])(**call["parameters"])}
            if "Body" in answer["answer"]:
                answer["answer"]["Body"] = base64.b64encode(answer["answer"]["Body"].read()).decode()
        except Exception as error:
            answer = {"error": str(error)}
        print(json.dumps(answer, default=str), flush=True)
    server.stop()


main()
