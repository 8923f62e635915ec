"""The prover as a policy: theorems as prompts, the kernel as judge."""
