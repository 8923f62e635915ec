"""Models as proposers: what they write becomes candidates, and a search with them is as reproducible as any other."""

import pickle
from collections import Counter

import pytest
import torch

from maieutic.core.errors import InputError
from maieutic.geometry.engine.closure import close
from maieutic.geometry.engine.diagram import draw
from maieutic.geometry.engine.state import Options
from maieutic.geometry.language import library
from maieutic.geometry.language.problem import parse_problem
from maieutic.geometry.proofs.prover import Status
from maieutic.geometry.search.candidate_kinds import Candidate
from maieutic.geometry.search.run import heuristic, search
from maieutic.geometry.search.trials import extended
from maieutic.geometry.text.decoding import decode_auxiliary
from maieutic.geometry.text.encoding import encode_question, vocabulary
from maieutic.geometry.text.prompting import pointers, question_of
from maieutic.lm.model import build, save
from maieutic.lm.tokens import word_tokenizer
from maieutic.loops.proposers.experts import RankFusion
from maieutic.loops.proposers.model import ModelProposer, one_point, shipped
from maieutic.loops.proposers.named import proposer_named

EASY = "a b c = triangle; d = parallelogram a b c d; e = eqangle2 e d a b ? eqangle d a a e e c c d"
"""One parallel proves it."""
OTHER = "a b c = triangle; d = incenter a b c; e = midpoint a b ? perp a d b e"


def policy(seed=0, words=None):
    return build(word_tokenizer(words or vocabulary()), width=16, layers=1, heads=1, context=128, seed=seed)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A random model: all that it knows is the grammar."""
    place = tmp_path_factory.mktemp("model")
    save(policy(), place)
    return place


@pytest.fixture(scope="module")
def proposer(folder):
    return ModelProposer(folder, width=8)


def closed(text):
    problem = parse_problem(text, "problem")
    return problem, close(problem, draw(problem), Options(sines=False))


class Scripted:
    """Proposes what it is told."""

    def __init__(self, *candidates):
        self.candidates = candidates

    def __call__(self, problem, closure, n, first=0):
        return self.candidates[:n]


# --- the model -------------------------------------------------------------------------------------------------------


def test_a_model_proposes_new_points_of_the_figure_the_likeliest_first(proposer):
    problem, closure = closed(EASY)
    found = proposer(problem, closure, 100)
    assert 0 < len(found) <= 8
    assert [c.score for c in found] == sorted((c.score for c in found), reverse=True)
    assert all(c.score < 0 for c in found)
    assert all(set(c.points) <= set(closure.names) for c in found)
    assert proposer(problem, closure, 2) == found[:2]


def test_what_a_model_writes_is_one_construction_of_one_point(proposer):
    problem = parse_problem(EASY)
    (written,) = proposer.write([(encode_question(problem), 5)])
    assert len(written) == 8
    for text, _ in written:
        (clause,) = decode_auxiliary(text, problem)
        assert clause.points == ("f",)


def test_on_a_longer_figure_it_is_asked_with_the_points_added(proposer):
    problem, closure = closed(EASY)
    start, *_ = heuristic(problem, closure, 1)
    longer = extended(closure, (start,))
    found = proposer(problem, longer, 100, len(closure.names))
    assert all(start.name in candidate.points for candidate in found)
    (written,) = proposer.write([(encode_question(problem, [start.clause()]), 6)])
    pointed = [c.score for c in proposer(problem, longer, 100)]
    assert pointed[0] >= written[0][1]  # a point is as likely as all its constructions


def test_a_model_that_is_told_the_figure_may_point_at_it(tmp_path):
    told = policy()
    told.model.config.shown = 3
    save(told, tmp_path)
    proposer = ModelProposer(tmp_path, width=8)
    problem, closure = closed(EASY)
    question = proposer.question(problem, closure)
    assert question == question_of(problem, closure, 3)
    clauses = [f"f = {construction}" for construction in pointers(question)]
    (written,) = proposer.write([(question, 5)])
    # a random model finds all first words about equally likely: three pointers, and the new point's name
    pointed = {text: logprob for text, logprob in written if text in clauses}
    assert set(pointed) == set(clauses)
    assert not any("@" in text for text, _ in written)
    # a place may be pointed at, or spelt out: both count
    for clause, logprob in zip(clauses, proposer.logprobs(question, clauses), strict=True):
        assert logprob == pytest.approx(pointed[clause], abs=1e-3)  # seven random words more are nothing
    assert ModelProposer(tmp_path, width=8)(problem, closure, 3)


def test_a_model_that_cannot_point_is_told_nothing(proposer):
    problem, closure = closed(EASY)
    assert proposer.question(problem, closure) == encode_question(problem)
    pointing = policy(words=[word for word in vocabulary() if word != "@2"])
    pointing.model.config.shown = 2
    with pytest.raises(InputError, match="does not know the word"):
        ModelProposer(pointing)


def test_questions_of_a_batch_are_answered_as_alone(folder):
    questions = [(encode_question(parse_problem(text)), n) for text, n in ((EASY, 5), (OTHER, 5), ("a b = segment", 2))]
    together = ModelProposer(policy(), width=6).write(questions)
    alone = [ModelProposer(policy(), width=6).write([question])[0] for question in questions]
    for one, other in zip(together, alone, strict=True):
        assert [text for text, _ in one] == [text for text, _ in other]
        assert [logprob for _, logprob in one] == pytest.approx([logprob for _, logprob in other], abs=1e-4)


def test_the_same_question_is_not_asked_twice(monkeypatch):
    proposer = ModelProposer(policy(), width=4)
    problem, closure = closed(EASY)
    first = proposer(problem, closure, 10)
    monkeypatch.setattr(
        proposer._writer, "_beams", lambda questions, width: [] if not questions else pytest.fail("again")
    )
    assert proposer(problem, closure, 10) == first


def test_a_problem_longer_than_the_model_reads_has_no_proposals(proposer):
    text = "a b c = triangle" + "".join(f"; p{i} = midpoint a b" for i in range(40)) + " ? cong a b a c"
    assert proposer.write([(encode_question(parse_problem(text)), 43)]) == [()]


def test_a_grammar_in_ids_is_the_grammar_in_words():
    tokenizer = word_tokenizer(vocabulary())
    allowed = one_point(tokenizer, 3)
    ids = tokenizer.convert_tokens_to_ids
    assert tokenizer.convert_ids_to_tokens(allowed([])) == ["d"]
    assert tokenizer.convert_ids_to_tokens(allowed(ids(["d"]))) == ["="]
    written = ids(["d", "=", "midpoint", "a"])
    assert set(tokenizer.convert_ids_to_tokens(allowed(written))) == {"b", "c"}
    assert tokenizer.convert_ids_to_tokens(allowed([*written, *ids(["b"])])) == ["!"]
    assert allowed([*written, *ids(["b", "!"])]) == []


def test_a_model_of_other_words_is_refused():
    with pytest.raises(InputError, match="does not know the word 'midpoint'"):
        ModelProposer(policy(words=[word for word in vocabulary() if word != "midpoint"]))


def test_mistakes_are_told(tmp_path):
    with pytest.raises(InputError, match="no such model folder"):
        ModelProposer(tmp_path / "nowhere")
    with pytest.raises(InputError, match="0 beams"):
        ModelProposer(policy(), width=0)
    with pytest.raises(InputError, match="no proposer 'oracle'"):
        proposer_named("oracle")


def test_the_shipped_model_is_found_or_said_to_be_missing(monkeypatch, tmp_path):
    monkeypatch.setattr("maieutic.loops.proposers.model.files", lambda package: tmp_path)
    with pytest.raises(InputError, match=r"without a model.*--model"):
        shipped()
    (tmp_path / "models" / "proposer").mkdir(parents=True)
    (tmp_path / "models" / "proposer" / "config.json").write_text("{}")
    assert shipped() == tmp_path / "models" / "proposer"


def test_a_proposer_goes_to_another_process_by_the_name_of_its_folder(proposer, folder):
    problem, closure = closed(EASY)
    content = pickle.dumps(proposer)
    assert len(content) < 1000
    assert pickle.loads(content)(problem, closure, 10) == proposer(problem, closure, 10)
    with pytest.raises(InputError, match="another process"):
        pickle.dumps(ModelProposer(policy()))


def test_a_folder_that_is_trained_anew_is_another_model(tmp_path):
    problem, closure = closed(EASY)
    found = []
    for seed in (0, 1):
        save(policy(seed), tmp_path)
        found.append(ModelProposer(tmp_path, width=8)(problem, closure, 10))
    assert found[0] == ModelProposer(policy(0), width=8)(problem, closure, 10)
    assert found[1] == ModelProposer(policy(1), width=8)(problem, closure, 10)
    assert found[0] != found[1]


def test_the_number_of_threads_is_as_before(proposer):
    before = torch.get_num_threads()
    proposer.write([("a b = segment ? coll a b a |", 2)])
    assert torch.get_num_threads() == before


# --- searches --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_search_with_a_model_that_knows_nothing_ends_in_good_order(seed):
    result = search(library.problem("morley"), propose=ModelProposer(policy(seed), width=6), attempts=150)
    assert result.status in (Status.ATTEMPT_LIMIT, Status.SATURATED)
    assert result.attempts <= 150


def test_a_search_ends_when_a_model_has_nothing_more_to_say():
    """Two points, of which nothing is learned: each is tried, alone, with the other, and kept, and that is all."""
    problem = library.problem("morley")
    closure = close(problem, draw(problem), Options(sines=False))
    at = closure.diagram.points
    a = Candidate("midpoint x a b", ("a", "b"), (at["a"] + at["b"]) / 2)
    b = Candidate("midpoint x a b", ("a", "c"), (at["a"] + at["c"]) / 2)
    result = search(problem, propose=Scripted(a, b))
    assert result.status is Status.SATURATED
    assert 4 <= result.attempts < 100


def test_one_process_and_two_find_the_same(folder):
    results = [
        search(library.problem("morley"), propose=ModelProposer(folder, width=6), attempts=120, jobs=jobs)
        for jobs in (1, 2)
    ]
    assert len({(result.status, result.attempts, result.learned) for result in results}) == 1


def test_mixed_proves_what_the_model_alone_does_not(proposer):
    result = search(parse_problem(EASY, "easy"), propose=RankFusion(proposer), attempts=400)
    assert result.status is Status.PROVED
    again = search(parse_problem(EASY, "easy"), propose=RankFusion(proposer), attempts=400)
    assert (again.attempts, again.auxiliary, again.proof) == (result.attempts, result.auxiliary, result.proof)


def test_a_model_that_names_the_point_proves_it_at_once():
    problem, closure = closed(EASY)
    pool = heuristic(problem, closure, 400)
    (right,) = [c for c in pool if extended(closure, (c,)).reason.value == "proved"][:1]
    result = search(problem, propose=Scripted(right), attempts=50)
    assert result.status is Status.PROVED


# --- the model and the figure ----------------------------------------------------------------------------------------


def named(*names, score=0.0, shift=0.0):
    """Candidates with a letter for a place: the place is the letter's number."""
    return [Candidate(f"{name} x a b", ("a", "b"), complex(ord(name[0]) + shift), score) for name in names]


def fused(model, other, n=100, **options):
    mixed = RankFusion(Scripted(*model), Scripted(*other), **options)
    return [candidate.pattern.split()[0] for candidate in mixed(None, None, n)]


def test_two_proposers_take_turns():
    assert fused(named("a", "b", "c"), named("p", "q", "r", "s")) == ["a", "p", "b", "q", "c", "r", "s"]
    assert fused(named("a", "b", "c"), named("p", "q", "r", "s"), n=3) == ["a", "p", "b"]


def test_a_place_that_both_name_comes_first_as_the_model_constructs_it():
    """k = 8: c2 has 1/11 + 1/10, more than the best alone, 1/9; the other's way comes 3 later: 1/13, a tie with t."""
    found = fused(named("a", "b", "c2"), named("p", "c1", "r", "s", "t"))
    assert found == ["c2", "a", "p", "b", "r", "s", "c1", "t"]


def test_the_same_construction_is_proposed_once():
    assert Counter(fused(named("a", "b"), named("b", "a", "c"))) == Counter("abc")


def test_places_are_the_same_up_to_rounding():
    assert fused(named("b"), named("p", "q", *["b2"], shift=4e-7)) == ["b", "p", "q", "b2"]


def test_trust_gives_the_model_the_first_places():
    """2 / (8 + r) is 1/9 for r = 10: nine of the model's come before the other's first, and the tenth in a tie."""
    model, other = named(*"abcdefghijkl"), named(*"pqrs")
    assert fused(model, other, trust=2.0)[:11] == [*"abcdefghij", "p"]


def test_one_without_the_other_is_itself():
    only = named("a", "b", score=-3.0)
    assert RankFusion(Scripted(*only), Scripted())(None, None, 5) == tuple(only)
    assert RankFusion(Scripted(), Scripted(*only))(None, None, 5) == tuple(only)


def test_near_first_points_the_model_is_asked_only_where_that_is_wanted():
    model, other = Scripted(*named("a")), Scripted(*named("p"))
    assert [len(RankFusion(model, other, everywhere=asked)(None, None, 5, first=3)) for asked in (False, True)] == [
        1,
        2,
    ]


def test_scores_are_those_of_the_rule_of_thumb_in_the_new_order():
    other = [*named("p", score=5.0), *named("q", score=4.0), *named("r", score=1.0)]
    found = RankFusion(Scripted(*named("a", "b", score=-20.0)), Scripted(*other))(None, None, 10)
    assert [candidate.score for candidate in found] == [5.0, 4.0, 1.0, 1.0, 1.0]


def test_mixed_goes_to_another_process(folder):
    mixed = RankFusion(ModelProposer(folder, width=4))
    problem, closure = closed(EASY)
    assert pickle.loads(pickle.dumps(mixed))(problem, closure, 20) == mixed(problem, closure, 20)
