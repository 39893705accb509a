"""What planning and the calls of many approved items take, beside a bare boto3 loop."""
