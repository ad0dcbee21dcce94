import { describe, expect, it } from 'vitest';
import { Failure } from '../../src/core/failure.ts';
import { arrange, type LayoutOptions } from '../../src/data/image-layout.ts';

const look = (paths: readonly string[], options: Partial<LayoutOptions> = {}) =>
  arrange(paths, {
    name: 'pets',
    source: 'pets',
    what: 'load-images.source',
    split: 'all',
    classes: undefined,
    limit: Infinity,
    skipOuterFolder: false,
    ...options,
  });

const failureOf = (action: () => unknown): Failure => {
  try {
    action();
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
  throw new Error('it succeeded');
};

const paths = (layout: ReturnType<typeof arrange>) => layout.pictures.map(({ path, label }) => [path, label]);

describe('class folders', () => {
  it('give classes by name, and pictures by class and path whatever the order of the files', () => {
    const layout = look(['dog/b.png', 'cat/2.jpg', 'dog/a.png', 'cat/10.jpg', 'dog/more/c.png']);
    expect(layout.classes).toEqual(['cat', 'dog']);
    expect(paths(layout)).toEqual([
      ['cat/10.jpg', 0],
      ['cat/2.jpg', 0],
      ['dog/a.png', 1],
      ['dog/b.png', 1],
      ['dog/more/c.png', 1],
    ]);
  });

  it('in train/ and test/ are one set or either', () => {
    const files = ['test/cat/1.jpg', 'train/cat/1.jpg', 'train/dog/1.jpg', 'README.md'];
    expect(paths(look(files))).toEqual([
      ['test/cat/1.jpg', 0],
      ['train/cat/1.jpg', 0],
      ['train/dog/1.jpg', 1],
    ]);
    expect(paths(look(files, { split: 'train' }))).toEqual([
      ['train/cat/1.jpg', 0],
      ['train/dog/1.jpg', 1],
    ]);
    expect(look(files, { split: 'test' }).classes).toEqual(['cat']);
    expect(look(files).ignored).toEqual(['README.md']);
    expect(look(files, { split: 'test' }).ignored).toEqual(['README.md']);
  });

  it('may have an outer folder in an archive', () => {
    const files = ['./pets/README', './pets/cat/1.jpg', './pets/dog/1.jpg'];
    expect(look(files, { skipOuterFolder: true }).classes).toEqual(['cat', 'dog']);
    expect(look(['pets/train/cat/1.jpg'], { skipOuterFolder: true, split: 'train' }).classes).toEqual([
      'cat',
    ]);
    expect(look(['cat/1.jpg', 'cat/2.jpg'], { skipOuterFolder: true }).classes).toEqual(['cat']);
    expect(look(['train/cat/1.jpg'], { skipOuterFolder: true }).classes).toEqual(['cat']);
  });

  it('leave hidden files out of account', () => {
    expect(look(['cat/1.jpg', 'cat/.DS_Store', '.git/x', '__MACOSX/cat/._1.jpg'])).toEqual({
      classes: ['cat'],
      pictures: [{ path: 'cat/1.jpg', label: 0 }],
      ignored: [],
    });
  });

  it('can be chosen, and are labelled in the order chosen', () => {
    const layout = look(['a/1', 'b/1', 'c/1'], { classes: ['c', 'a'] });
    expect(layout.classes).toEqual(['c', 'a']);
    expect(paths(layout)).toEqual([
      ['c/1', 0],
      ['a/1', 1],
    ]);
    expect(layout.ignored).toEqual([]);
  });

  it('share a limit evenly', () => {
    const files = ['a/1', 'a/2', 'a/3', 'a/4', 'b/1', 'c/1', 'c/2', 'c/3'];
    expect(paths(look(files, { limit: 6 })).map(([path]) => path)).toEqual([
      'a/1',
      'a/2',
      'a/3',
      'b/1',
      'c/1',
      'c/2',
    ]);
  });
});

describe('a folder without pictures in class folders', () => {
  it('is said to be one, with the layout that is needed', () => {
    for (const files of [[], ['1.jpg', '2.jpg']]) {
      const failure = failureOf(() => look(files));
      expect(failure.message).toBe('pets: there are no pictures in class folders');
      expect(failure.hint).toContain('<class>/<picture>');
    }
  });

  it('has no split either', () => {
    expect(failureOf(() => look(['cat/1.jpg'], { split: 'test' })).message).toContain(
      'split: test means nothing',
    );
    expect(failureOf(() => look(['train/cat/1.jpg'], { split: 'test' })).message).toBe(
      'pets: there are no classes in test/',
    );
  });

  it('does not know a class that is not there', () => {
    const failure = failureOf(() => look(['cat/1', 'dog/1'], { classes: ['cat', 'dgo'] }));
    expect([failure.message, failure.hint]).toEqual(['pets has no class dgo', 'did you mean "dog"?']);
  });

  it('is one where the classes lie a level deeper, whatever lies beside them', () => {
    const hint = (files: readonly string[], options: Partial<LayoutOptions> = {}) =>
      failureOf(() => look(files, options)).hint;
    expect(hint(['images/cat/1.jpg', 'images/dog/1.jpg', 'images/labels.csv'])).toContain(
      '--set load-images.source=pets/images',
    );
    const deep = ['train/images/cat/1.jpg', 'train/images/dog/1.jpg', 'test/images/cat/1.jpg'];
    expect(hint(deep)).toContain('move them one level up');
    expect(hint(deep, { split: 'train' })).toContain('move them one level up');
    const packed = ['pets/images/cat/1.jpg', 'pets/images/dog/1.jpg'];
    expect(hint(packed, { skipOuterFolder: true })).toContain('move them one level up');
    expect(look(['images/1.jpg', 'images/cat/1.jpg', 'images/dog/1.jpg']).classes).toEqual(['images']);
  });

  it('cannot have more classes than a byte can tell apart', () => {
    const files = Array.from({ length: 257 }, (_, index) => `class-${index}/1.jpg`);
    expect(failureOf(() => look(files)).message).toBe('pets has 257 classes; at most 256 are possible');
  });
});
