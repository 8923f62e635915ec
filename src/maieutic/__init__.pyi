"""The public names, for type checkers: what `__init__.py` loads when it is first used."""

from maieutic.align.judges.kinds import JUDGES as JUDGES
from maieutic.align.methods import METHODS as METHODS
from maieutic.api.proving import Attempt as Attempt
from maieutic.api.proving import Checked as Checked
from maieutic.api.proving import Drawing as Drawing
from maieutic.api.proving import Facts as Facts
from maieutic.api.proving import Limits as Limits
from maieutic.api.proving import check as check
from maieutic.api.proving import deduce as deduce
from maieutic.api.proving import draw as draw
from maieutic.api.proving import parse as parse
from maieutic.api.proving import problem as problem
from maieutic.api.proving import prove as prove
from maieutic.api.proving import rule as rule
from maieutic.api.teaching import extend as extend
from maieutic.api.teaching import improve as improve
from maieutic.api.teaching import judge as judge
from maieutic.api.teaching import load as load
from maieutic.api.teaching import report as report
from maieutic.api.teaching import sample as sample
from maieutic.api.teaching import train as train
from maieutic.core.errors import DiagramError as DiagramError
from maieutic.core.errors import InputError as InputError
from maieutic.core.errors import MaieuticError as MaieuticError
from maieutic.core.errors import ProblemError as ProblemError
from maieutic.core.errors import ProofError as ProofError
from maieutic.core.progress import Cancelled as Cancelled
from maieutic.core.progress import Step as Step
from maieutic.geometry.proofs.prover import Status as Status
from maieutic.geometry.trusted.records import Accepted as Accepted
from maieutic.geometry.trusted.records import Fact as Fact
from maieutic.geometry.trusted.records import Problem as Problem
from maieutic.geometry.trusted.records import Proof as Proof
from maieutic.geometry.trusted.records import Refused as Refused
from maieutic.geometry.trusted.rules import RULES as RULES
from maieutic.geometry.trusted.rules import Rule as Rule
from maieutic.lm.losses import LOSSES as LOSSES

__version__: str
