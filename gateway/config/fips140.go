package config

import (
	"errors"
	"fmt"
)

// CheckFIPS140 compares what is asked for with the mode in which Go's cryptographic module runs, which is settled when the process starts.
func (c Config) CheckFIPS140(enabled bool) error {
	if c.Cryptography.FIPS140 && !enabled {
		return errors.New("cryptography.fips140 is true, but Go's cryptographic module does not run in its FIPS 140 mode; " +
			"set GODEBUG=fips140=on in the gateway's environment, or run a binary that was built with GOFIPS140")
	}
	return nil
}

// CheckLeft is for a process that runs in FIPS 140 mode, whether or not it is asked to: it must have something to offer, for with nothing
// it would cut off everybody, those who could correct it included.
func (c Config) CheckLeft() error {
	if err := c.TLS.validate(true); err != nil {
		return fmt.Errorf("the gateway runs in FIPS 140 mode: %w", err)
	}
	return nil
}
