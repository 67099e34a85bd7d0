"""What the lesson's word programs do, written from the specification. No package needed.

wordcount BOOK OUT MIN_LENGTH | acf BOOK COUNTS OUT WORDS TIMESTEPS | lower OUT | numbers | unicode
"""
import struct
import sys
import unicodedata

DELIMITERS = ". , ; : ? $ @ ^ < > # % ` ! * - = ( ) [ ] { } / \" '".split()


def tokens(path):
    with open(path, encoding='utf-8') as book:
        lines = book.read().splitlines()
    for line in lines:
        for delimiter in DELIMITERS:
            line = line.replace(delimiter, ' ')
        for word in line.split():
            yield word.lower()


def wordcount(book, out, min_length):
    counts = {}
    for word in tokens(book):
        counts[word] = counts.get(word, 0) + 1
    kept = [each for each in sorted(counts.items(), key=lambda item: item[1], reverse=True)
            if len(each[0]) >= int(min_length)]
    total = sum(count for _, count in kept)
    with open(out, 'w', encoding='utf-8', newline='\n') as output:
        for word, count in kept:
            output.write(f'{word} {count} {count / total * 100.0!r}\n')


def acf(book, counts, out, words, timesteps):
    text = list(tokens(book))
    with open(counts, encoding='utf-8') as file:
        chosen = [line.split()[0] for line in file if not line.startswith('#')][:int(words)]
    sums = [0.0] * int(timesteps)
    for word in chosen:
        mask = [each == word for each in text]
        for t in range(int(timesteps)):
            pairs = sum(mask[i] * mask[i + t] for i in range(1, len(text) - t))
            sums[t] += pairs / sum(mask)
    with open(out, 'w', encoding='utf-8', newline='\n') as output:
        for t, value in enumerate(sums):
            output.write('%.18e,%.18e\n' % (t + 1, value / len(chosen)))


def lower(out):
    """A line for each assigned character: its code point, then the words of a text about it, lower-cased."""
    with open(out, 'w', encoding='utf-8', newline='\n') as output:
        for code in range(0x110000):
            c = chr(code)
            if unicodedata.category(c) in ('Cn', 'Cs'):
                continue
            line = f'{c} a\u03a3{c} a{c}\u03a3 {c}\u03a3'
            for delimiter in DELIMITERS:
                line = line.replace(delimiter, ' ')
            output.write(' '.join([f'{code:x}'] + [word.lower() for word in line.split()]) + '\n')


def numbers():
    """Doubles on standard input, 'repr %.18e' a line on standard output."""
    for (x,) in struct.iter_unpack('<d', sys.stdin.buffer.read()):
        print(repr(x), '%.18e' % x)


def unicode():
    print(unicodedata.unidata_version)


globals()[sys.argv[1]](*sys.argv[2:])
