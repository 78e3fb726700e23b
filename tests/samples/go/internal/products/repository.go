// Package products stores products in memory, behind the ProductRepository interface.
package products

import (
	"context"
	"fmt"
	"sort"
	"strings"
	"sync"
	"unicode/utf8"
)

const maxName = 80

// Product is something that the shop sells.
type Product struct {
	ID         uint64 // Identifies the product; chosen by the caller.
	Category   string // Is not blank.
	Name       string // Is not blank and has at most 80 characters.
	PriceCents int64  // At least 1.
}

// Validate checks Category, Name and PriceCents, in this order, and returns an
// *InvalidProductError for the first invalid field.
func (p Product) Validate() error {
	if strings.TrimSpace(p.Category) == "" {
		return &InvalidProductError{Field: "category", Reason: "must not be blank"}
	}
	if strings.TrimSpace(p.Name) == "" {
		return &InvalidProductError{Field: "name", Reason: "must not be blank"}
	}
	if utf8.RuneCountInString(p.Name) > maxName {
		return &InvalidProductError{Field: "name", Reason: "must have at most 80 characters"}
	}
	if p.PriceCents < 1 {
		return &InvalidProductError{Field: "price_cents", Reason: "must be at least 1"}
	}
	return nil
}

// ProductNotFoundError reports that no product has the id.
type ProductNotFoundError struct {
	ID uint64
}

// Error returns a message that names the id.
func (e *ProductNotFoundError) Error() string {
	return fmt.Sprintf("product %d was not found", e.ID)
}

// ProductExistsError reports that another product already has the id.
type ProductExistsError struct {
	ID uint64
}

// Error returns a message that names the id.
func (e *ProductExistsError) Error() string {
	return fmt.Sprintf("product %d already exists", e.ID)
}

// InvalidProductError reports a field that is invalid: "category", "name" or
// "price_cents".
type InvalidProductError struct {
	Field  string
	Reason string
}

// Error returns a message that names the field.
func (e *InvalidProductError) Error() string {
	return fmt.Sprintf("product %s %s", e.Field, e.Reason)
}

// ProductRepository creates, reads, updates and deletes products. Every method returns the error of a
// cancelled context and changes noproduct then.
type ProductRepository interface {
	// Create adds a valid product. It returns a *ProductExistsError when the id is taken.
	Create(ctx context.Context, product Product) error
	// Get returns the product with this id, or a *ProductNotFoundError.
	Get(ctx context.Context, id uint64) (Product, error)
	// List returns all products, ordered by id.
	List(ctx context.Context) ([]Product, error)
	// ListByCategory returns the products of this category, ordered by id.
	ListByCategory(ctx context.Context, category string) ([]Product, error)
	// Update replaces the product with the same id by this valid product, or returns a *ProductNotFoundError.
	Update(ctx context.Context, product Product) error
	// Delete removes the product with this id, or returns a *ProductNotFoundError.
	Delete(ctx context.Context, id uint64) error
	// Transaction runs work and keeps its changes, or none of them when it returns an error.
	// Inside work only tx may be used, not the repository itself.
	Transaction(ctx context.Context, work func(tx ProductRepository) error) error
}

// InMemoryProductRepository is a ProductRepository that keeps its products in memory.
// It is safe for concurrent use.
type InMemoryProductRepository struct {
	mu       sync.RWMutex
	products map[uint64]Product
}

var _ ProductRepository = (*InMemoryProductRepository)(nil)

// NewInMemoryProductRepository returns an empty repository.
func NewInMemoryProductRepository() *InMemoryProductRepository {
	return &InMemoryProductRepository{products: make(map[uint64]Product)}
}

// Create implements ProductRepository.
func (r *InMemoryProductRepository) Create(ctx context.Context, product Product) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := product.Validate(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, found := r.products[product.ID]; found {
		return &ProductExistsError{ID: product.ID}
	}
	r.products[product.ID] = product
	return nil
}

// Get implements ProductRepository.
func (r *InMemoryProductRepository) Get(ctx context.Context, id uint64) (Product, error) {
	if err := ctx.Err(); err != nil {
		return Product{}, err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	product, found := r.products[id]
	if !found {
		return Product{}, &ProductNotFoundError{ID: id}
	}
	return product, nil
}

// List implements ProductRepository.
func (r *InMemoryProductRepository) List(ctx context.Context) ([]Product, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	r.mu.RLock()
	defer r.mu.RUnlock()
	products := make([]Product, 0, len(r.products))
	for _, product := range r.products {
		products = append(products, product)
	}
	sort.Slice(products, func(i, j int) bool { return products[i].ID < products[j].ID })
	return products, nil
}

// ListByCategory implements ProductRepository.
func (r *InMemoryProductRepository) ListByCategory(ctx context.Context, category string) ([]Product, error) {
	all, err := r.List(ctx)
	if err != nil {
		return nil, err
	}
	products := make([]Product, 0, len(all))
	for _, product := range all {
		if product.Category == category {
			products = append(products, product)
		}
	}
	return products, nil
}

// Update implements ProductRepository.
func (r *InMemoryProductRepository) Update(ctx context.Context, product Product) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := product.Validate(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, found := r.products[product.ID]; !found {
		return &ProductNotFoundError{ID: product.ID}
	}
	r.products[product.ID] = product
	return nil
}

// Delete implements ProductRepository.
func (r *InMemoryProductRepository) Delete(ctx context.Context, id uint64) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, found := r.products[id]; !found {
		return &ProductNotFoundError{ID: id}
	}
	delete(r.products, id)
	return nil
}

// Transaction implements ProductRepository.
func (r *InMemoryProductRepository) Transaction(ctx context.Context, work func(tx ProductRepository) error) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	draft := NewInMemoryProductRepository()
	for id, product := range r.products {
		draft.products[id] = product
	}
	if err := work(draft); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	r.products = draft.products
	return nil
}
