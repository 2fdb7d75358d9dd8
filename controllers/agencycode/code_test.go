package agencycode

import (
	"regexp"
	"strings"
	"testing"
)

// The patterns as the published data has them; the parsers are held against them.
const (
	codePattern   = `^[A-Z][0-9]{2}(\.[0-9A-Z]+)*$`
	legacyPattern = `^[0-9]{3}\.[0-9]{2}\.[0-9]{2}\.[A-Z][0-9]{2}$`
)

func TestParse(t *testing.T) {
	tests := map[string]int{
		"G12":      1,
		"G12.18":   2,
		"H29.3.12": 3,
		"G09.20":   2,
		"G12" + strings.Repeat(".18AB6", 5) + ".X": 7,
	}
	for s, level := range tests {
		code, err := Parse(s)
		if err != nil {
			t.Errorf("Parse(%q): %v", s, err)
			continue
		}
		if code.Level() != level || code.String() != s {
			t.Errorf("Parse(%q) is %s with level %d, want level %d", s, code, code.Level(), level)
		}
	}
	bad := []string{"", "g12", "G1", "G123", "12G", "G12.", "G12..18", ".G12", "G12.18a", "G12-18", "000.00.18.G12", "G12 ", "Đ12", "G12.1８"}
	for _, s := range append(bad, "G12."+strings.Repeat("1", 32)) {
		if _, err := Parse(s); err == nil {
			t.Errorf("Parse(%q) gave no error", s)
		}
	}
}

func TestParseSaysWhatToWrite(t *testing.T) {
	tests := map[string]string{
		"g12":                            `"g12" is no code; write a capital letter and two digits, then groups of capitals and digits behind dots (Decision 20/2020/QĐ-TTg), such as G12 or G12.18`,
		"G12." + strings.Repeat("1", 32): `"G12.11111111111111111111111111111111" has 36 characters; write a code of at most 35 (Decision 20/2020/QĐ-TTg), such as G12.18`,
	}
	for s, want := range tests {
		if _, err := Parse(s); err == nil || err.Error() != want {
			t.Errorf("Parse(%q) error = %v, want %s", s, err, want)
		}
	}
	want := `"01.02.G22" is no legacy code; write thirteen characters, leaf first (QCVN 102:2016/BTTTT), such as 000.00.18.G12`
	if _, err := ParseLegacy("01.02.G22"); err == nil || err.Error() != want {
		t.Errorf("ParseLegacy error = %v, want %s", err, want)
	}
}

func TestParseLegacy(t *testing.T) {
	tests := map[string]struct{ level, skipped int }{
		"000.00.00.H49": {1, 0},
		"000.00.18.G12": {2, 0},
		"000.01.01.H59": {3, 0},
		"999.10.01.H22": {4, 0},
		"002.00.20.H13": {4, 3}, // in use, with level 3 left out
		"000.01.00.H59": {3, 2},
		"001.00.00.H59": {4, 2},
	}
	for s, want := range tests {
		legacy, err := ParseLegacy(s)
		if err != nil {
			t.Errorf("ParseLegacy(%q): %v", s, err)
			continue
		}
		if legacy.Level() != want.level || legacy.SkippedLevel() != want.skipped || legacy.String() != s {
			t.Errorf("ParseLegacy(%q) has level %d and skips %d, want %d and %d", s, legacy.Level(), legacy.SkippedLevel(), want.level, want.skipped)
		}
	}
	for _, s := range []string{"", "G12.18", "01.02.G22", "99.99.99.G21", "vxp.saas.03", "000.00.18.g12", "000.00.18.G12.1", "0a0.00.18.G12", "000.00.18.G1"} {
		if _, err := ParseLegacy(s); err == nil {
			t.Errorf("ParseLegacy(%q) gave no error", s)
		}
	}
}

func TestSameUnit(t *testing.T) {
	tests := []struct {
		code, legacy string
		want         bool
	}{
		{"G12", "000.00.00.G12", true},
		{"G12.18", "000.00.18.G12", true},
		{"H59.01.01", "000.01.01.H59", true},
		{"H29.3.12", "000.12.03.H29", true},
		{"H29.3.12.7", "007.12.03.H29", true},
		{"G12.18", "000.18.00.G12", false}, // skips a level
		{"G12.18", "000.00.81.G12", false},
		{"G12.18", "000.00.00.G12", false},
		{"G12", "000.00.18.G12", false},
		{"G12", "000.00.00.G21", false},
		{"G12.1A", "000.00.01.G12", false},
	}
	for _, tt := range tests {
		code, err := Parse(tt.code)
		if err != nil {
			t.Fatal(err)
		}
		legacy, err := ParseLegacy(tt.legacy)
		if err != nil {
			t.Fatal(err)
		}
		if got := SameUnit(code, legacy); got != tt.want {
			t.Errorf("SameUnit(%s, %s) = %v, want %v", tt.code, tt.legacy, got, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	pattern := regexp.MustCompile(codePattern)
	for _, seed := range []string{"G12", "G12.18", "g12", "000.00.18.G12", "H29.3.12", "", "G12.", "G12\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		code, err := Parse(s)
		if want := pattern.MatchString(s) && len(s) <= maxLength; (err == nil) != want {
			t.Fatalf("Parse(%q) error = %v, and the pattern says %v", s, err, want)
		}
		if err == nil && (code.Level() < 1 || code.String() != s) {
			t.Errorf("Parse(%q) is %s with level %d", s, code, code.Level())
		}
	})
}

func FuzzParseLegacy(f *testing.F) {
	pattern := regexp.MustCompile(legacyPattern)
	for _, seed := range []string{"000.00.18.G12", "002.00.20.H13", "999.010.01.H22", "G12.18", "", "000.00.00.G12\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		legacy, err := ParseLegacy(s)
		if want := pattern.MatchString(s); (err == nil) != want {
			t.Fatalf("ParseLegacy(%q) error = %v, and the pattern says %v", s, err, want)
		}
		if err != nil {
			return
		}
		if level := legacy.Level(); level < 1 || level > 4 || legacy.SkippedLevel() >= level {
			t.Errorf("ParseLegacy(%q) has level %d and skips %d", s, level, legacy.SkippedLevel())
		}
	})
}
