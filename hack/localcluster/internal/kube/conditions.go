package kube

import (
	"context"
	"fmt"
)

type conditions struct {
	Status struct {
		Conditions []struct {
			Type    string `json:"type"`
			Status  string `json:"status"`
			Message string `json:"message"`
		} `json:"conditions"`
	} `json:"status"`
}

// HasCondition returns an error that says why the object at path does not have the condition.
func (c *Client) HasCondition(ctx context.Context, path, condition string) error {
	var object conditions
	if err := c.Get(ctx, path, &object); err != nil {
		return err
	}
	for _, have := range object.Status.Conditions {
		if have.Type != condition {
			continue
		}
		if have.Status == "True" {
			return nil
		}
		return fmt.Errorf("%s: %s is %s: %s", path, condition, have.Status, have.Message)
	}
	return fmt.Errorf("%s has no condition %s yet", path, condition)
}
