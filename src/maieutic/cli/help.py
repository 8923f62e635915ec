"""What help says beside what the commands say themselves: their groups, and an example of each."""

from __future__ import annotations

GROUPS = {
    "Prove": ("prove", "deduce", "check", "draw", "convert", "problems", "language", "bench"),
    "Teach": ("improve", "train", "sample", "synthesize", "train-prover"),
    "Judge and measure": ("judge", "compare", "agreement", "evaluate", "leaderboard", "winrate", "games"),
    "Look": ("demo", "runs", "show", "report"),
}
"""The commands, in the order in which help lists them."""

EXAMPLES = {
    "prove": "maieutic prove imo_2012_p5 --search heuristic",
    "deduce": "maieutic deduce orthocentre --why 'perp a h b c'",
    "check": "maieutic check proof.json --problem orthocentre",
    "draw": "maieutic draw orthocentre --out figure.svg",
    "convert": "maieutic convert figure.ggb --to alphageometry",
    "problems": "maieutic problems orthocentre",
    "language": "maieutic language midpoint",
    "bench": "maieutic bench problems.txt --jobs 2 --out results.jsonl",
    "improve": "maieutic improve examples/letters/dno.toml --dry-run",
    "train": "maieutic train dpo --model FOLDER --data pairs.jsonl --out OUT",
    "sample": "maieutic sample --model FOLDER --prompts prompts.jsonl --out samples.jsonl",
    "synthesize": "maieutic synthesize --count 1000 --out theorems --jobs 2",
    "train-prover": "maieutic train-prover examples/prover/train.toml --out runs/proposer",
    "judge": "maieutic judge answers.jsonl --out scores.jsonl --kind function --function oracle.py:score",
    "compare": "maieutic compare before.jsonl after.jsonl",
    "agreement": "maieutic agreement verdicts.jsonl rankings.jsonl",
    "evaluate": "maieutic evaluate --a MODEL --b baseline.json --prompts prompts.jsonl --judge-model NAME",
    "leaderboard": "maieutic leaderboard a.json b.json --judge-model NAME",
    "winrate": "maieutic winrate annotations.json",
    "games": "maieutic games --out games",
    "demo": "maieutic demo",
    "runs": "maieutic runs",
    "show": "maieutic show runs/dno --follow",
    "report": "maieutic report runs/dno --out page.html",
}
