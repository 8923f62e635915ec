"""What the alpaca_eval package says of a file of annotations. Run by the interpreter that has it, not by ours.

    PYTHON alpaca_eval_reference.py ANNOTATIONS.json DIFFICULTY.csv GAMED.csv   prints {win_rate, ...} as JSON

The two files of numbers that the package takes from a hub are given instead.
"""

import json
import logging
import sys
import warnings

warnings.simplefilter("ignore")
logging.disable(logging.CRITICAL)

from alpaca_eval.metrics import glm_winrate  # noqa: E402

annotations, difficulty, gamed = sys.argv[1:]
local = {"instruction_difficulty.csv": difficulty, "df_gamed.csv": gamed}
glm_winrate.hf_hub_download = lambda filename, **named: local[filename]
with open(annotations, encoding="utf-8") as file:
    rows = json.load(file)
found = glm_winrate.get_length_controlled_winrate(rows, save_weights_dir=None)
print(json.dumps({name: float(value) for name, value in found.items()}))
