"""The client of OpenAI-compatible servers, against a server that misbehaves in every way that servers do."""

import json
import socket
import threading
from time import monotonic, sleep

import pytest
from tests.core.fake_server import chat, plain, serving, slowly

from maieutic.core.calls import CallError, _retry_after
from maieutic.core.endpoint import Endpoint
from maieutic.core.errors import InputError, MaieuticError
from maieutic.core.generate import Generated, Request, Sampling
from maieutic.core.records import Message

CHAT = (Message("user", "two and two?"),)


def endpoint(server, **options):
    return Endpoint(server.url, "m", **{"first_wait": 0.01, "longest_wait": 0.02, "timeout": 5.0} | options)


def replies(server, requests, sampling=None, **options):
    """In the order of the requests."""
    found = list(endpoint(server, **options).generate(requests, sampling or Sampling(max_tokens=8)))
    assert sorted(reply.index for reply in found) == list(range(len(requests)))
    return sorted(found, key=lambda reply: reply.index)


def texts(reply):
    return [generated.text for generated in reply.generated]


# --- what is asked ---------------------------------------------------------------------------------------------------


def test_a_conversation_and_a_plain_text_go_where_they_belong():
    def answer(number, body):
        return chat("four") if "messages" in body else plain(" go on")

    sampling = Sampling(temperature=0.5, top_p=0.9, max_tokens=8, stop=("END",))
    with serving(answer) as server:
        found = replies(server, [Request(CHAT), Request("Once")], sampling, concurrency=1)
    assert [texts(reply) for reply in found] == [["four"], [" go on"]]
    assert server.paths == ["/v1/chat/completions", "/v1/completions"]
    assert server.bodies[0]["messages"] == [{"role": "user", "content": "two and two?"}]
    assert server.bodies[1]["prompt"] == "Once"
    for body in server.bodies:
        told = {name: body[name] for name in ("model", "temperature", "top_p", "max_tokens", "stop")}
        assert told == {"model": "m", "temperature": 0.5, "top_p": 0.9, "max_tokens": 8, "stop": ["END"]}
        assert "n" not in body
        assert 0 <= body["seed"] < 2**31


def test_what_a_server_refuses_can_be_taken_out_of_every_call():
    parameters = {"seed": None, "max_tokens": None, "max_completion_tokens": 99}
    with serving(lambda number, body: chat("four")) as server:
        replies(server, [Request(CHAT)], parameters=parameters)
    assert server.bodies[0]["max_completion_tokens"] == 99
    assert not {"seed", "max_tokens"} & server.bodies[0].keys()


def test_tokens_finish_and_stop_strings_are_read():
    with serving(lambda number, body: chat("one two END three", finish="length")) as server:
        (reply,) = replies(server, [Request(CHAT)])
        (cut,) = replies(server, [Request(CHAT)], Sampling(stop=("END", "two")))
    assert reply.generated == (Generated("one two END three", "length", 7, 0),)
    assert reply.prompt_tokens == 5
    assert cut.generated == (Generated("one ", "stop", 7, 0),)  # a server that ignores stop


# --- n completions ---------------------------------------------------------------------------------------------------


def test_n_completions_come_in_one_call_where_the_server_can():
    def answer(number, body):
        return chat(*(f"t{i}" for i in range(body["n"])))

    with serving(answer) as server:
        found = replies(server, [Request(CHAT, n=3), Request(CHAT, n=2)])
    assert [texts(reply) for reply in found] == [["t0", "t1", "t2"], ["t0", "t1"]]
    assert len(server.bodies) == 2
    assert sum(generated.tokens for generated in found[0].generated) == 7


def refuses(number, body):
    return chat("ok") if body.get("n", 1) == 1 else (400, {"error": {"message": "n is not supported"}}, {})


@pytest.mark.parametrize("answer", [lambda number, body: chat("ok"), refuses], ids=["ignores n", "refuses n"])
def test_a_server_that_does_not_honour_n_is_asked_for_one_at_a_time(answer):
    with serving(answer) as server:
        found = replies(server, [Request(CHAT, n=3), Request(CHAT, n=3), Request(CHAT, n=3)], concurrency=1)
    assert [[generated.number for generated in reply.generated] for reply in found] == [[0, 1, 2]] * 3
    assert sum(body.get("n", 1) > 1 for body in server.bodies) == 1  # found out once
    assert len(server.bodies) == (10 if answer is refuses else 9)
    assert all(reply.error is None for reply in found)


def test_each_completion_has_a_seed_of_its_own_whichever_are_asked_for():
    with serving(lambda number, body: chat("ok")) as server:
        replies(server, [Request(CHAT, n=4, seed=3)], concurrency=1)
        replies(server, [Request(CHAT, n=2, seed=3, first=2)], concurrency=1)
    seeds = [body["seed"] for body in server.bodies]
    assert len(set(seeds[:4])) == 4
    assert seeds[4:] == seeds[2:4]


# --- failures that pass ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503])
def test_a_failure_that_may_pass_is_tried_again(status):
    def answer(number, body):
        return chat("at last") if number == 2 else (status, {"error": {"message": "busy"}}, {})

    with serving(answer) as server:
        (reply,) = replies(server, [Request(CHAT)])
    assert texts(reply) == ["at last"]
    assert len(server.bodies) == 3


def test_the_server_says_how_long_to_wait():
    def answer(number, body):
        return chat("ok") if number else (429, {"error": {"message": "slow down"}}, {"Retry-After": "0.3"})

    with serving(answer) as server:
        start = monotonic()
        (reply,) = replies(server, [Request(CHAT)], longest_wait=0.1)
    assert texts(reply) == ["ok"]
    assert monotonic() - start >= 0.3  # longer than our own pauses here
    assert _retry_after({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}) == 0
    assert _retry_after({"retry-after": "soon"}) is None
    assert _retry_after({"retry-after": "inf"}) is None
    assert _retry_after({}) is None


def test_a_failure_that_does_not_pass_is_an_error_of_its_request_alone():
    def answer(number, body):
        return chat("ok") if body["messages"][0]["content"] != "bad" else (503, {"error": "down\nfor good"}, {})

    with serving(answer) as server:
        good, bad = replies(server, [Request(CHAT), Request((Message("user", "bad"),))], attempts=3)
    assert texts(good) == ["ok"]
    assert bad.generated == ()
    assert bad.error == "the server said 503: down for good, 3 times"


def test_a_request_that_the_server_refuses_is_not_tried_again():
    with serving(lambda number, body: (422, {"detail": "no such role"}, {})) as server:
        (reply,) = replies(server, [Request(CHAT)])
    assert reply.error == "the server said 422: no such role"
    assert len(server.bodies) == 1


def test_a_call_that_takes_too_long_is_made_again():
    def answer(number, body):
        return chat("ok") if number else slowly(0.6, chat("late"))

    with serving(answer) as server:
        (reply,) = replies(server, [Request(CHAT)], timeout=0.2)
    assert texts(reply) == ["ok"]


def test_a_server_that_is_not_there_yet_is_waited_for():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    waiting = Endpoint(f"http://127.0.0.1:{port}/v1", "m", first_wait=0.05, longest_wait=0.05, attempts=100)
    found = []
    thread = threading.Thread(target=lambda: found.extend(waiting.generate([Request(CHAT)], Sampling())))
    thread.start()
    sleep(0.3)
    assert found == []
    with serving(lambda number, body: chat("here"), port):
        thread.join(timeout=20)
    assert [texts(reply) for reply in found] == [["here"]]


def test_nobody_there_at_all_is_an_error_with_the_address():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lonely = Endpoint(f"http://127.0.0.1:{port}/v1", "m", first_wait=0.01, attempts=2)
    (reply,) = lonely.generate([Request(CHAT)], Sampling())
    assert f"no connection to http://127.0.0.1:{port}/v1" in reply.error


def test_a_server_that_is_gone_for_good_is_not_waited_for_a_thousand_times():
    def answer(number, body):
        return chat("ok") if number < 3 else (503, {"error": "gone"}, {})

    found = []
    with serving(answer) as server, pytest.raises(MaieuticError, match="given up, and what it has answered is kept"):  # noqa: PT012
        for reply in endpoint(server, attempts=2, concurrency=2).generate([Request(CHAT)] * 1000, Sampling()):
            found.append(reply)
    assert sum(reply.error is None for reply in found) == 3
    assert len(server.bodies) <= 3 + 2 * 4


def test_an_answer_that_breaks_off_is_asked_for_again():
    def answer(number, body):
        if number:
            return chat("whole")
        return 200, b'{"choices": [', {"Content-Length": "1000", "Connection": "close"}

    with serving(answer) as server:
        (reply,) = replies(server, [Request(CHAT)])
    assert texts(reply) == ["whole"]


# --- failures that concern all ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_wrong_key_or_address_ends_everything_at_once(status):
    with serving(lambda number, body: (status, {"error": {"message": "no"}}, {})) as server:
        waiting = endpoint(server, concurrency=2).generate([Request(CHAT)] * 50, Sampling())
        with pytest.raises(InputError, match=f"the server said {status}: no"):
            list(waiting)
    assert len(server.bodies) <= 2


def test_replies_before_such_an_error_are_kept():
    def answer(number, body):
        return chat(f"t{number}") if number < 3 else (401, {"error": {"message": "expired"}}, {})

    found = []
    with serving(answer) as server, pytest.raises(InputError, match="expired"):  # noqa: PT012 - what came before counts
        for reply in endpoint(server, concurrency=1).generate([Request(CHAT)] * 5, Sampling()):
            found.append(texts(reply))
    assert found == [["t0"], ["t1"], ["t2"]]


def test_an_account_without_credit_is_not_asked_again():
    broke = {"error": {"message": "You exceeded your quota", "code": "insufficient_quota"}}
    with serving(lambda number, body: (429, broke, {})) as server, pytest.raises(InputError, match="no credit"):
        list(endpoint(server).generate([Request(CHAT)], Sampling()))
    assert len(server.bodies) == 1


# --- answers that are none -------------------------------------------------------------------------------------------


BROKEN = {
    "not JSON": b"<html>Bad gateway</html>",
    "not an object": b"[1, 2]",
    "nested without end": b"[" * 100_000,
    "no choices": b"{}",
    "empty choices": b'{"choices": []}',
    "choices that are none": b'{"choices": ["four"]}',
    "no message": b'{"choices": [{"index": 0}]}',
    "a message that is none": b'{"choices": [{"message": "four"}]}',
    "no text": b'{"choices": [{"message": {"content": null}, "finish_reason": "stop"}]}',
    "a text that is none": b'{"choices": [{"message": {"content": {"a": 1}}}]}',
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_an_answer_that_makes_no_sense_is_asked_for_again_three_times_at_most(body):
    with serving(lambda number, asked: chat("good") if number == 2 else (200, body, {})) as server:
        (reply,) = replies(server, [Request(CHAT)])
        assert texts(reply) == ["good"]
    with serving(lambda number, asked: (200, body, {})) as server:
        (reply,) = replies(server, [Request(CHAT)])
    assert reply.generated == ()
    assert reply.error.startswith("the answer ")
    assert reply.error.endswith(", 3 times")
    assert len(server.bodies) == 3


def test_a_huge_answer_is_not_read():
    with serving(lambda number, body: chat("x" * 10_000_000)) as server:
        (reply,) = replies(server, [Request(CHAT)])
    assert reply.generated == ()
    assert "longer than" in reply.error
    assert len(server.bodies) == 1


def test_strange_numbers_and_half_characters_do_no_harm():
    body = rb'{"choices": [{"message": {"content": "a\ud800b"}}], "usage": {"completion_tokens": "many"}}'
    with serving(lambda number, asked: (200, body, {})) as server:
        (reply,) = replies(server, [Request(CHAT)])
    assert reply.generated == (Generated("a\ufffdb", "stop", 0, 0),)
    json.dumps(reply.generated[0].text).encode()


def test_a_model_that_was_cut_off_while_thinking_wrote_nothing():
    with serving(lambda number, body: chat(None, finish="length")) as server:
        (reply,) = replies(server, [Request(CHAT)])
    assert reply.generated == (Generated("", "length", 7, 0),)


def test_what_a_filter_cut_off_is_no_completion():
    with serving(lambda number, body: chat("half", finish="content_filter")) as server:
        (reply,) = replies(server, [Request(CHAT)])
    assert (reply.generated, reply.error) == ((), "the server's filter cut the answer off")


def test_a_filter_that_cut_one_of_several_off_costs_the_others_nothing():
    def answer(number, body):
        status, good, headers = chat("a", "b", "c")
        good["choices"][1]["finish_reason"] = "content_filter"
        return (status, good, headers) if number == 0 else chat("half", finish="content_filter")

    with serving(answer) as server:
        (reply,) = replies(server, [Request(CHAT, n=3)])
    assert [(generated.number, generated.text) for generated in reply.generated] == [(0, "a"), (2, "c")]
    assert reply.error == "the server's filter cut the answer off"
    assert len(server.bodies) == 2


def test_partial_results_are_kept():
    def answer(number, body):
        return chat("ok") if number != 2 else (400, {"error": {"message": "no"}}, {})

    with serving(answer) as server:
        (reply,) = replies(server, [Request(CHAT, n=4)], concurrency=1)
    assert [generated.number for generated in reply.generated] == [0, 1, 3]
    assert reply.error == "the server said 400: no"


def test_what_a_server_says_is_one_line_that_controls_no_terminal():
    said = {"error": {"message": "no\x1b[2J\u202e\nmaieutic: done\u2028" + "x" * 10_000}}
    with serving(lambda number, body: (400, said, {})) as server:
        (reply,) = endpoint(server).generate([Request(CHAT)], Sampling())
    assert reply.error is not None
    assert reply.error.startswith("the server said 400: no\\u001b[2J\\u202e maieutic: done xxx")
    assert reply.error.isprintable()
    assert len(reply.error) <= 300


# --- keys ------------------------------------------------------------------------------------------------------------

KEY = "sk-very-secret-0123456789"


def test_the_key_goes_to_the_server_and_nowhere_else(monkeypatch):
    monkeypatch.setenv("MY_KEY", KEY)
    said = {"error": {"message": f"key {KEY} is over its limit", "code": KEY}}
    with serving(lambda number, body: (400, said, {})) as server:
        asked = endpoint(server, api_key_env="MY_KEY")
        (reply,) = asked.generate([Request(CHAT)], Sampling())
    assert server.headers[0]["authorization"] == f"Bearer {KEY}"
    assert reply.error == "the server said 400: key *** is over its limit ***"
    assert KEY not in repr(asked)
    assert KEY not in repr(asked._server())
    with (
        serving(lambda number, body: (401, said, {})) as server,
        pytest.raises(InputError) as caught,
    ):
        list(endpoint(server, api_key_env="MY_KEY").generate([Request(CHAT)], Sampling()))
    assert KEY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_no_other_key_of_the_environment_is_sent(monkeypatch):
    for name in ("OPENAI_API_KEY", "OPENAI_ADMIN_KEY", "OPENAI_ORG_ID", "OPENAI_PROJECT_ID"):
        monkeypatch.setenv(name, KEY)
    with serving(lambda number, body: chat("ok")) as server:
        replies(server, [Request(CHAT)])
    assert KEY not in str(server.headers)
    assert "authorization" not in server.headers[0]


def test_a_key_that_is_not_set_is_said_before_anything_is_sent(monkeypatch):
    monkeypatch.delenv("MY_KEY", raising=False)
    with serving(lambda number, body: chat("ok")) as server, pytest.raises(InputError, match="MY_KEY is not set"):
        list(endpoint(server, api_key_env="MY_KEY").generate([Request(CHAT)], Sampling()))
    assert server.bodies == []


@pytest.mark.parametrize("address", ["localhost:8000", "ftp://host/v1", "http:///v1", ""])
def test_an_address_that_is_none_is_refused(address):
    with pytest.raises(InputError, match="not an address"):
        Endpoint(address, "m")


def test_a_password_in_the_address_is_refused_and_not_repeated():
    with pytest.raises(InputError) as caught:
        Endpoint(f"http://me:{KEY}@host/v1", "m")
    assert KEY not in str(caught.value)


# --- many at a time --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 3])
def test_calls_in_flight_are_bounded(n):
    with serving(lambda number, body: slowly(0.02, chat("ok"))) as server:
        replies(server, [Request(CHAT, n=n)] * 12, concurrency=4)
    assert 2 <= server.most_at_once <= 4


def test_replies_come_as_they_are_ready():
    def answer(number, body):
        return slowly(0.5 if body["prompt"] == "slow" else 0, plain("ok"))

    with serving(answer) as server:
        first = next(iter(endpoint(server).generate([Request("slow"), Request("fast")], Sampling())))
    assert first.index == 1


def test_who_stops_listening_stops_the_calls():
    with serving(lambda number, body: slowly(0.05, chat("ok"))) as server:
        waiting = endpoint(server, concurrency=2).generate([Request(CHAT)] * 100, Sampling())
        next(waiting)
        waiting.close()
        sleep(0.3)
        asked = len(server.bodies)
        sleep(0.2)
        assert asked == len(server.bodies) < 20
    assert not [thread for thread in threading.enumerate() if thread.name == "calls"]


def test_no_requests_give_no_replies():
    with serving(lambda number, body: chat("ok")) as server:
        assert replies(server, []) == []


def test_a_server_is_not_told_of_a_grammar():
    with serving(lambda number, body: chat("ok")) as server:
        (reply,) = replies(server, [Request(CHAT, allowed=lambda ids: [])])
        assert [generated.text for generated in reply.generated] == ["ok"]


def test_pauses_double_up_to_the_longest_and_are_the_same_each_time():
    from maieutic.core.calls import Calls, Server

    server = Server("http://h/v1", None, 1, 1.0, 10, first_wait=1.0, longest_wait=8.0)
    calls = Calls(server, None)
    pauses = [calls._pause(attempt, None, seed=5) for attempt in range(1, 7)]
    assert pauses == [calls._pause(attempt, None, seed=5) for attempt in range(1, 7)]
    for pause, whole in zip(pauses, [1, 2, 4, 8, 8, 8], strict=True):
        assert whole / 2 <= pause <= whole
    assert calls._pause(1, 17.0, seed=5) == 17.0
    assert calls._pause(1, 10**9, seed=5) == 40.0


# --- labels ----------------------------------------------------------------------------------------------------------


def test_the_log_probabilities_of_labels_are_those_of_the_first_token():
    tops = [{"token": "A", "logprob": -1.0}, {"token": " A", "logprob": -2.0}, {"token": "C", "logprob": -0.5}]
    content = {"content": [{"token": "C", "logprob": -0.5, "top_logprobs": tops}]}

    def answer(number, body):
        if "messages" in body:
            status, good, headers = chat("C")
            good["choices"][0]["logprobs"] = content
        else:
            status, good, headers = plain("C")
            good["choices"][0]["logprobs"] = {"top_logprobs": [{"B": -0.25, " A": -3.0}]}
        return status, good, headers

    with serving(answer) as server:
        found = dict(endpoint(server).label_logprobs([CHAT, "Which?"], ["A", "B"]))
    # log(e^-1 + e^-2) = -1 + log(1 + e^-1)
    assert found[0] == (pytest.approx(-1 + 0.31326168751822286), None)
    assert found[1] == (-3.0, -0.25)
    assert server.bodies[0]["max_tokens"] == 1


def test_labels_are_not_told_by_a_server_without_log_probabilities():
    with serving(lambda number, body: chat("A")) as server:
        assert list(endpoint(server).label_logprobs([CHAT], ["A", "B"])) == [(0, (None, None))]
    with serving(lambda number, body: (400, {"error": {"message": "no logprobs"}}, {})) as server:
        assert list(endpoint(server).label_logprobs([CHAT], ["A"])) == [(0, (None,))]


def test_a_call_error_is_one_of_ours():
    assert CallError("no", 400).status == 400
