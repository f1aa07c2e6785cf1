"""Corpus BLEU of sacrebleu for translations of many kinds, and its tokens, for test/golden/bleu.json.

    build/oracle/bin/python tools/oracle/bleu.py > test/golden/bleu.json
"""

import json
import random

import sacrebleu
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

LINES = [
    "The cat sat on the mat.",
    "Tom's 3.5-litre car costs $1,000.00, doesn't it?",
    "Das Geräusch kenne ich.",
    "„Und schmeckt es dir?“ – „Im Gefängnis war das Essen besser.“",
    "A &quot;quoted&quot; &amp;amp; &lt;tag&gt; here & there",
    "1,5 2.5 .5 5. ,5 5, a.b a,b 3-4 x-4 4-x -4 --",
    "  many   spaces\tand tabs  ",
    "<skipped> words<skipped>",
    "(brackets) [square] {curly} ~tilde `tick` ^caret_ |bar\\",
    "no punctuation at all",
    "e-mail@example.org, http://example.org/a?b=c#d",
    "日本語 の 文 。",
    "x",
    "!",
    "",
    "Ende… oder nicht?!",
    "12.,34 a.,b ..",
    "ein Wort-\ngetrennt\nund weiter",
]


def worse(line: str, draw: random.Random, share: float) -> str:
    """The line with some words left out, exchanged or doubled."""
    words = []
    for word in line.split(" "):
        if draw.random() >= share:
            words.append(word)
        else:
            words.extend(draw.choice([[], [word, word], [word[::-1]], ["word", word]]))
    return " ".join(words)


def corpora():
    yield ["The cat sat on a mat."], ["The cat sat on the mat."]
    yield [""], ["The cat."]
    yield ["The"], ["The"]
    yield ["a b c"], ["a b c"]
    yield ["a b c d"], ["d c b a"]
    yield ["nothing right"], ["all else here is other"]
    yield ["the the the the the the the"], ["the cat is on the mat"]
    yield LINES, LINES
    draw = random.Random(0)
    for share in [0.05, 0.2, 0.5, 0.9]:
        for count in [1, 3, len(LINES)]:
            references = draw.sample(LINES, count)
            yield [worse(line, draw, share) for line in references], references


def main() -> None:
    tokenize = Tokenizer13a()
    cases = []
    for translations, references in corpora():
        found = sacrebleu.corpus_bleu(translations, [references])
        cases.append(
            {
                "translations": translations,
                "references": references,
                "score": found.score,
                "precisions": found.precisions,
                "brevityPenalty": found.bp,
                "length": found.sys_len,
                "referenceLength": found.ref_len,
            }
        )
    tokens = [{"line": line, "tokens": tokenize(line).split()} for line in LINES]
    print(json.dumps({"version": sacrebleu.__version__, "tokens": tokens, "cases": cases}, indent=1, ensure_ascii=False))


main()
