#include "formula.h"

#include "diagnostics.h"
#include "number.h"

#include <muParserDLL.h>

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct formula {
    double constant; /* the value where parser is NULL */
    muParserHandle_t parser;
};

/* muParser has more, some of it ambiguous (log): a model file gets what a paper needs. */
static const char *const functions[] = {"exp", "ln", "sqrt", "abs", "min", "max"};
enum { FUNCTION_COUNT = sizeof(functions) / sizeof(functions[0]) };

static const char blanks[] = " \t\r\n";

static bool starts_word(char c)
{
    return isalpha((unsigned char)c) || c == '_';
}

static bool continues_word(char c)
{
    return isalnum((unsigned char)c) || c == '_';
}

/* The end of the number or word at `text`, or the next character. */
static const char *token_end(const char *text)
{
    if (starts_word(*text)) {
        while (continues_word(*text)) {
            text++;
        }
        return text;
    }
    if (isdigit((unsigned char)*text) || *text == '.') {
        char *end = NULL;
        strtod(text, &end);
        return end > text ? end : text + 1;
    }
    return text + 1;
}

static int find_word(const char *word, size_t length, const char *const *words, int count)
{
    for (int i = 0; i < count; i++) {
        if (strlen(words[i]) == length && strncmp(word, words[i], length) == 0) {
            return i;
        }
    }
    return -1;
}

bool formula_mentions(const char *text, const char *name)
{
    for (const char *at = text, *end; *at; at = end) {
        end = token_end(at);
        if (starts_word(*at) && find_word(at, (size_t)(end - at), &name, 1) == 0) {
            return true;
        }
    }
    return false;
}

bool formula_name_allowed(const char *name)
{
    size_t length = strlen(name);
    if (length == 0 || length > 31 || !isalpha((unsigned char)name[0])) {
        return false;
    }
    for (size_t i = 0; i < length; i++) {
        if (!continues_word(name[i])) {
            return false;
        }
    }
    return find_word(name, length, functions, FUNCTION_COUNT) < 0;
}

/* muParser would take an assignment, a list of results, or one of its many functions: none is a formula here. */
static int scan(const char *text, const char *const *names, int count, struct formula_error *why)
{
    int depth = 0;
    for (const char *at = text, *end; *at; at = end) {
        end = token_end(at);
        if (starts_word(*at)) {
            size_t length = (size_t)(end - at);
            if (find_word(at, length, functions, FUNCTION_COUNT) >= 0) {
                continue;
            }
            if (find_word(at, length, names, count) >= 0) {
                if (end[strspn(end, blanks)] != '(') {
                    continue;
                }
                /* muParser would call a function of its own: log(2), where log is a parameter. */
                snprintf(why->text, sizeof(why->text), "\"%.*s\" is no function", (int)length, at);
                return -1;
            }
            char word[64];
            snprintf(word, sizeof(word), "%.*s", (int)(length < 63 ? length : 63), at);
            const char *meant = nearest_spelling(word, names, count);
            snprintf(why->text, sizeof(why->text), "unknown name \"%s\"%s%s%s", word,
                     meant ? "; did you mean " : "", meant ? meant : "", meant ? "?" : "");
            return -1;
        }
        depth += (*at == '(') - (*at == ')');
        bool comparison = *at == '=' && (at[1] == '=' || (at > text && strchr("=<>!", at[-1])));
        if ((*at == '=' && !comparison) || (*at == ',' && depth <= 0) || strchr("\"'{}[];$#@", *at)) {
            snprintf(why->text, sizeof(why->text), "unexpected \"%c\" in formula \"%.100s\"", *at, text);
            return -1;
        }
    }
    return 0;
}

struct formula *formula_create(const char *text, const char *const *names, double *values, int count,
                               struct formula_error *why)
{
    if (strnlen(text, FORMULA_SIZE_MAX + 1) > FORMULA_SIZE_MAX) {
        snprintf(why->text, sizeof(why->text), "formula \"%.80s...\" is longer than %d bytes", text,
                 FORMULA_SIZE_MAX);
        return NULL;
    }
    if (scan(text, names, count, why)) {
        return NULL;
    }
    struct formula *formula = calloc(1, sizeof(*formula));
    if (!formula) {
        snprintf(why->text, sizeof(why->text), "out of memory");
        return NULL;
    }
    if (number_read(text, &formula->constant)) {
        return formula;
    }
    formula->parser = mupCreate(muBASETYPE_FLOAT);
    if (!formula->parser) {
        snprintf(why->text, sizeof(why->text), "out of memory");
        formula_free(formula);
        return NULL;
    }
    for (int i = 0; i < count; i++) {
        if (formula_mentions(text, names[i])) {
            mupDefineVar(formula->parser, names[i], &values[i]);
        }
    }
    mupSetExpr(formula->parser, text);
    mupEval(formula->parser); /* compiles, and finds what is wrong with the syntax */
    if (mupError(formula->parser)) {
        snprintf(why->text, sizeof(why->text), "formula \"%.80s\": %.150s", text,
                 mupGetErrorMsg(formula->parser));
        formula_free(formula);
        return NULL;
    }
    return formula;
}

void formula_free(struct formula *formula)
{
    if (formula) {
        if (formula->parser) {
            mupRelease(formula->parser);
        }
        free(formula);
    }
}

double formula_value(struct formula *formula)
{
    if (!formula->parser) {
        return formula->constant;
    }
    double value = mupEval(formula->parser);
    /* One NaN for all: its sign, which messages and files would show, is the processor's choice. */
    return mupError(formula->parser) || isnan(value) ? (double)NAN : value;
}
