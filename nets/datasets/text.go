package datasets

import (
	"fmt"
	"io"
	"slices"
	"unicode/utf8"
)

const (
	// textMaxBytes limits a text; TinyShakespeare holds 1.1 MB.
	textMaxBytes = 64 << 20
	// textMaxVocabulary limits the characters of a text: a model pays for each with a row and a column.
	textMaxVocabulary = 4096
	// The training part is the first 93.5 % of the characters, rounded down; the rest is the test part.
	trainPerMille = 935
)

// Text is a set for character-level language models.
type Text struct {
	info Info
	// Vocabulary lists the characters that occur, ascending; a character's id is its place there.
	Vocabulary []rune
	// Train and Test hold ids.
	Train, Test []uint16
}

// Info says which data it is.
func (t *Text) Info() Info { return t.info }

// Count returns the number of characters of a part.
func (t *Text) Count(p Part) int { return len(t.ids(p)) }

func (t *Text) ids(p Part) []uint16 {
	if p == Test {
		return t.Test
	}
	return t.Train
}

func loadText(l *Layout, dir string) (Set, error) {
	t := new(Text)
	file, err := l.readFile(dir, 0, func(path string, r io.Reader) error {
		return readText(l.Name, path, r, t)
	})
	if err != nil {
		return nil, err
	}
	t.info = identify(l.Name, []File{file})
	return t, nil
}

// readText reads the contents of a UTF-8 text into t. set and path are for messages.
func readText(set, path string, r io.Reader, t *Text) error {
	wrong := func(offset int, format string, args ...any) error {
		return &FormatError{path, int64(offset), fmt.Sprintf(format, args...), refetch(set)}
	}
	data, err := io.ReadAll(io.LimitReader(r, textMaxBytes+1))
	if err != nil {
		return readError(set, path, int64(len(data)), err)
	}
	if len(data) > textMaxBytes {
		return wrong(textMaxBytes, "more than %d bytes of text", textMaxBytes)
	}
	id := make(map[rune]uint16)
	var text []rune
	for i := 0; i < len(data); {
		c, size := utf8.DecodeRune(data[i:])
		if c == utf8.RuneError && size == 1 {
			return wrong(i, "the byte %#02x is not UTF-8 text", data[i])
		}
		if _, ok := id[c]; !ok && len(id) == textMaxVocabulary {
			return wrong(i, "more than %d different characters", textMaxVocabulary)
		}
		id[c] = 0
		text = append(text, c)
		i += size
	}
	// Each part must hold a character and its successor.
	train := len(text) * trainPerMille / 1000
	if train < 2 || len(text)-train < 2 {
		return wrong(len(data), "the text ends after %d characters: too short to split into training and test parts", len(text))
	}
	for c := range id {
		t.Vocabulary = append(t.Vocabulary, c)
	}
	slices.Sort(t.Vocabulary)
	for i, c := range t.Vocabulary {
		id[c] = uint16(i)
	}
	ids := make([]uint16, len(text))
	for i, c := range text {
		ids[i] = id[c]
	}
	t.Train, t.Test = ids[:train:train], ids[train:]
	return nil
}
