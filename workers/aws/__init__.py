"""The only home of boto3: sessions, reads and writes, with AWS's errors turned into seven kinds."""
