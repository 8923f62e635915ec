"""Reward maximisation by PPO."""
