"""Rounds: a policy proposes, a judge decides, the policy learns; resumable."""
