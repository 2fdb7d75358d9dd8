package config

import (
	"errors"
	"fmt"
)

// CheckFIPS140 compares what is asked for with the mode in which Go's cryptographic module runs, which is settled when the
// process starts. A process that runs in the mode without being asked to must have something to offer all the same.
func (c Config) CheckFIPS140(enabled bool) error {
	if c.Cryptography.FIPS140 && !enabled {
		return errors.New("cryptography.fips140 is true, but Go's cryptographic module does not run in its FIPS 140 mode; " +
			"set GODEBUG=fips140=on in the gateway's environment, or run a binary that was built with GOFIPS140")
	}
	if enabled {
		if err := c.TLS.validate(true); err != nil {
			return fmt.Errorf("the gateway runs in FIPS 140 mode: %w", err)
		}
	}
	return nil
}
