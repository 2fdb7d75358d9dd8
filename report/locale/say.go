package locale

import (
	"fmt"
	"strings"
)

// Say gives the Vietnamese or the English wording. Both stand beside each other where they are used, so that none can be forgotten; both take
// the same arguments, in the manner of fmt, and a wording that needs another order of them numbers them.
func (l Language) Say(vi, en string, args ...any) string {
	text := l.pick(vi, en)
	if len(args) == 0 {
		return text
	}
	return fmt.Sprintf(text, args...)
}

// FromEnvironment is the language that the variables LC_ALL and LANG ask for: Vietnamese if the first of them that is set begins with vi,
// English otherwise.
func FromEnvironment(getenv func(string) string) Language {
	for _, name := range []string{"LC_ALL", "LANG"} {
		if value := getenv(name); value != "" {
			if strings.HasPrefix(strings.ToLower(value), string(Vietnamese)) {
				return Vietnamese
			}
			return English
		}
	}
	return English
}
