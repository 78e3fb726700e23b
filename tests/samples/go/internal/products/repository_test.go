package products

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
)

// testProduct returns a valid product with this id.
func testProduct(id uint64) Product {
	return Product{ID: id, Category: "tea", Name: fmt.Sprintf("Product %d", id), PriceCents: 350}
}

// repositoryWith returns a repository that holds a valid product for each of these ids.
func repositoryWith(t *testing.T, ids ...uint64) *InMemoryProductRepository {
	t.Helper()
	repository := NewInMemoryProductRepository()
	for _, id := range ids {
		if err := repository.Create(context.Background(), testProduct(id)); err != nil {
			t.Fatalf("Create(%d): %v", id, err)
		}
	}
	return repository
}

// assertProducts fails the test unless the repository lists exactly these products.
func assertProducts(t *testing.T, repository ProductRepository, want []Product) {
	t.Helper()
	got, err := repository.List(context.Background())
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("List = %v, %v, want %v", got, err, want)
	}
}

// happy path: a created product can be read back.
func TestCreateThenGet(t *testing.T) {
	repository := repositoryWith(t, 1)
	got, err := repository.Get(context.Background(), 1)
	if err != nil || got != testProduct(1) {
		t.Errorf("Get(1) = %v, %v, want %v", got, err, testProduct(1))
	}
}

// happy path: the list is ordered by id, whatever the order of creation.
func TestListIsOrderedByID(t *testing.T) {
	repository := repositoryWith(t, 3, 1, 2)
	assertProducts(t, repository, []Product{testProduct(1), testProduct(2), testProduct(3)})
}

// happy path: an update replaces every field of that product and of no other.
func TestUpdateReplacesTheProduct(t *testing.T) {
	repository := repositoryWith(t, 1, 2)
	changed := Product{ID: 1, Category: "coffee", Name: "Espresso", PriceCents: 900}
	if err := repository.Update(context.Background(), changed); err != nil {
		t.Fatalf("Update: %v", err)
	}
	assertProducts(t, repository, []Product{changed, testProduct(2)})
}

// happy path: the list of a category holds its products only, ordered by id.
func TestListByCategory(t *testing.T) {
	ctx := context.Background()
	repository := repositoryWith(t, 3, 1)
	coffee := Product{ID: 2, Category: "coffee", Name: "Espresso", PriceCents: 900}
	if err := repository.Create(ctx, coffee); err != nil {
		t.Fatalf("Create: %v", err)
	}
	got, err := repository.ListByCategory(ctx, "tea")
	want := []Product{testProduct(1), testProduct(3)}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("ListByCategory = %v, %v, want %v", got, err, want)
	}
}

// happy path: a deleted product is gone, the others stay.
func TestDeleteRemovesTheProduct(t *testing.T) {
	repository := repositoryWith(t, 1, 2)
	if err := repository.Delete(context.Background(), 1); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	assertProducts(t, repository, []Product{testProduct(2)})
}

// happy path: a transaction that succeeds keeps all its changes.
func TestTransactionKeepsAllChanges(t *testing.T) {
	ctx := context.Background()
	repository := repositoryWith(t, 1)
	err := repository.Transaction(ctx, func(tx ProductRepository) error {
		if err := tx.Create(ctx, testProduct(2)); err != nil {
			return err
		}
		return tx.Delete(ctx, 1)
	})
	if err != nil {
		t.Fatalf("Transaction: %v", err)
	}
	assertProducts(t, repository, []Product{testProduct(2)})
}

// error: a transaction that fails keeps none of its changes.
func TestTransactionRollsBackOnError(t *testing.T) {
	ctx := context.Background()
	repository := repositoryWith(t, 1)
	err := repository.Transaction(ctx, func(tx ProductRepository) error {
		if err := tx.Create(ctx, testProduct(2)); err != nil {
			return err
		}
		return tx.Delete(ctx, 9)
	})
	var notFound *ProductNotFoundError
	if !errors.As(err, &notFound) {
		t.Errorf("Transaction = %v, want a *ProductNotFoundError", err)
	}
	assertProducts(t, repository, []Product{testProduct(1)})
}

// error: an id that is taken is refused, and the first product stays.
func TestCreateRefusesATakenID(t *testing.T) {
	repository := repositoryWith(t, 1)
	second := Product{ID: 1, Category: "tea", Name: "Second", PriceCents: 400}
	err := repository.Create(context.Background(), second)
	var exists *ProductExistsError
	if !errors.As(err, &exists) || !strings.Contains(err.Error(), "1") {
		t.Errorf("Create = %v, want a *ProductExistsError that names 1", err)
	}
	assertProducts(t, repository, []Product{testProduct(1)})
}

// error: get, update and delete refuse an unknown id.
func TestUnknownIDsAreRefused(t *testing.T) {
	ctx := context.Background()
	repository := repositoryWith(t, 1)
	_, getErr := repository.Get(ctx, 9)
	for _, err := range []error{getErr, repository.Update(ctx, testProduct(9)), repository.Delete(ctx, 9)} {
		var notFound *ProductNotFoundError
		if !errors.As(err, &notFound) || !strings.Contains(err.Error(), "9") {
			t.Errorf("error = %v, want a *ProductNotFoundError that names 9", err)
		}
	}
	assertProducts(t, repository, []Product{testProduct(1)})
}

// error: create and update refuse an invalid field and change nothing.
func TestInvalidFieldsAreRefused(t *testing.T) {
	cases := []struct {
		field   string
		product Product
	}{
		{"category", Product{ID: 1, Category: "", Name: "Tea", PriceCents: 350}},
		{"category", Product{ID: 1, Category: " ", Name: "", PriceCents: 0}},
		{"name", Product{ID: 1, Category: "tea", Name: "  ", PriceCents: 350}},
		{"price_cents", Product{ID: 1, Category: "tea", Name: "Tea", PriceCents: 0}},
	}
	ctx := context.Background()
	for _, tc := range cases {
		repository := repositoryWith(t, 1)
		for _, err := range []error{repository.Create(ctx, tc.product), repository.Update(ctx, tc.product)} {
			var invalid *InvalidProductError
			if !errors.As(err, &invalid) || invalid.Field != tc.field || !strings.Contains(err.Error(), tc.field) {
				t.Errorf("error for %v = %v, want an *InvalidProductError that names %s", tc.product, err, tc.field)
			}
		}
		assertProducts(t, repository, []Product{testProduct(1)})
	}
}

// error: a cancelled context is refused, and nothing is changed.
func TestCancelledContextIsRefused(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	repository := repositoryWith(t, 1)
	_, getErr := repository.Get(ctx, 1)
	_, listErr := repository.List(ctx)
	transactionErr := repository.Transaction(ctx, func(tx ProductRepository) error { return nil })
	changed := Product{ID: 1, Category: "coffee", Name: "Espresso", PriceCents: 900}
	createErr := repository.Create(ctx, testProduct(2))
	updateErr := repository.Update(ctx, changed)
	deleteErr := repository.Delete(ctx, 1)
	for _, err := range []error{getErr, listErr, transactionErr, createErr, updateErr, deleteErr} {
		if !errors.Is(err, context.Canceled) {
			t.Errorf("error = %v, want context.Canceled", err)
		}
	}
	assertProducts(t, repository, []Product{testProduct(1)})
}

// error: a context that is cancelled during a transaction rolls it back.
func TestTransactionRollsBackOnCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	repository := repositoryWith(t, 1)
	err := repository.Transaction(ctx, func(tx ProductRepository) error {
		defer cancel()
		return tx.Create(ctx, testProduct(2))
	})
	if !errors.Is(err, context.Canceled) {
		t.Errorf("Transaction = %v, want context.Canceled", err)
	}
	assertProducts(t, repository, []Product{testProduct(1)})
}

// edge case: a new repository is empty.
func TestNewRepositoryIsEmpty(t *testing.T) {
	assertProducts(t, NewInMemoryProductRepository(), []Product{})
}

// edge case: a name of 80 characters is accepted, one of 81 is not.
func TestNameLengthIsLimited(t *testing.T) {
	ctx := context.Background()
	repository := repositoryWith(t)
	longest := Product{ID: 1, Category: "tea", Name: strings.Repeat("ä", 80), PriceCents: 1}
	if err := repository.Create(ctx, longest); err != nil {
		t.Errorf("Create: %v", err)
	}
	tooLong := Product{ID: 2, Category: "tea", Name: strings.Repeat("ä", 81), PriceCents: 1}
	var invalid *InvalidProductError
	if err := repository.Create(ctx, tooLong); !errors.As(err, &invalid) {
		t.Errorf("Create = %v, want an *InvalidProductError", err)
	}
}

// edge case: an id can be used again after its product was deleted.
func TestDeletedIDCanBeUsedAgain(t *testing.T) {
	repository := repositoryWith(t, 1, 2)
	if err := repository.Delete(context.Background(), 1); err != nil {
		t.Fatalf("Delete: %v", err)
	}
	assertProducts(t, repository, []Product{testProduct(2)})
	if err := repository.Create(context.Background(), testProduct(1)); err != nil {
		t.Errorf("Create: %v", err)
	}
}
