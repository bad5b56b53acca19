"""Words that turn an English sentence into its opposite, or into one about other numbers."""

from __future__ import annotations

# Each word of a pair for the other.
_OPPOSITES = """
able unable | above below | accept reject | accepted rejected | active inactive | after before
agree disagree | agreed disagreed | alive dead | all none | allow forbid | allowed forbidden
always never | ancient modern | appear disappear | appeared disappeared | arrive leave
arrived left | asleep awake | best worst | better worse | big small | bigger smaller
biggest smallest | black white | bottom top | bought sold | bright dark | broad narrow
build destroy | built destroyed | buy sell | careful careless | cheap expensive | clean dirty
clear unclear | clever stupid | close open | closed opened | cold hot | common rare
complete incomplete | connected separate | correct wrong | create destroy | created destroyed
dangerous safe | decrease increase | decreased increased | decreasing increasing | deep shallow
different similar | difficult easy | direct indirect | dry wet | earlier later | earliest latest
early late | east west | eastern western | empty full | enter leave | entered left
everyone nobody | everything nothing | fail succeed | failed succeeded | fall rise | false true
famous obscure | fast slow | faster slower | fell rose | few many | fewer more | finish start
finished started | first last | forget remember | forgot remembered | formal informal
fresh stale | front back | gain lose | gained lost | good bad | great terrible | guilty innocent
happy sad | hard soft | hate love | hated loved | healthy sick | heavy light | high low
higher lower | highest lowest | huge tiny | import export | important unimportant
include exclude | included excluded | includes excludes | inner outer | inside outside
join leave | known unknown | large little | larger lesser | largest least | legal illegal
likely unlikely | local foreign | long short | longer shorter | loud quiet | lucky unlucky
major minor | male female | maximum minimum | more less | most least | natural artificial
near far | necessary unnecessary | new old | newer older | newest oldest | normal unusual
north south | northern southern | official unofficial | often seldom | peace war
permanent temporary | poor rich | popular unpopular | positive negative | possible impossible
powerful weak | present absent | private public | protect attack | quickly slowly | real fake
regular irregular | responsible irresponsible | rough smooth | rural urban | same different
sharp blunt | simple complicated | stable unstable | start stop | started stopped
straight crooked | strong weak | stronger weaker | successful unsuccessful | support oppose
supported opposed | sure unsure | sweet bitter | tall short | thick thin | under over | up down
upper lower | useful useless | usual unusual | visible invisible | voluntary compulsory
warm cool | wide narrow | win lose | wise foolish | with without | won lost | young old
younger elder
"""

# What joins a cause and its effect, for what sets them against each other.
CONNECTIVES = {
    "as a result of": "in spite of",
    "because of": "despite",
    "due to": "despite",
    "owing to": "despite",
    "thanks to": "despite",
    "because": "although",
    "since": "although",
    "as a result": "nevertheless",
    "consequently": "nevertheless",
    "therefore": "nevertheless",
    "thus": "nevertheless",
    "hence": "nevertheless",
    "so that": "even though",
    "although": "because",
    "though": "because",
    "despite": "because of",
    "in spite of": "because of",
    "however": "therefore",
    "nevertheless": "therefore",
    "unless": "if",
    "if": "unless",
    "causes": "prevents",
    "caused": "prevented",
    "causing": "preventing",
    "leads to": "prevents",
    "led to": "prevented",
    "leading to": "preventing",
    "results in": "prevents",
    "resulted in": "prevented",
    "prevents": "causes",
    "prevented": "caused",
    "preventing": "causing",
    "helps": "hinders",
    "helped": "hindered",
}

AUXILIARIES = (
    *("am", "are", "is", "was", "were", "can", "could", "may", "might", "must", "shall", "should"),
    *("will", "would", "has", "have", "had", "do", "does", "did"),
)
# "n't" with what stands before it, where taking it off is not enough.
CONTRACTIONS = {"can't": "can", "won't": "will", "shan't": "shall", "cannot": "can"}

# Any word of a line for any other of it.
_NUMBERS = """
one two three four five six seven eight nine ten eleven twelve
first second third fourth fifth sixth seventh eighth ninth tenth
twenty thirty forty fifty sixty seventy eighty ninety
hundred thousand million billion
hundreds thousands millions billions
once twice
half third quarter
twenties thirties forties fifties sixties seventies eighties nineties
monday tuesday wednesday thursday friday saturday sunday
january february march april june july august september october november december
"""


def _opposites() -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {}
    for pair in _OPPOSITES.replace("\n", " | ").split("|"):
        if pair.strip():
            first, second = pair.split()
            found[first] = (*found.get(first, ()), second)
            found[second] = (*found.get(second, ()), first)
    return found


OPPOSITES = _opposites()
NUMBER_WORDS = {word: line.split() for line in _NUMBERS.splitlines() for word in line.split()}
